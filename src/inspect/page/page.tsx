/*!
 * The bundled page contains preact and @preact/signals.
 * The MIT License (MIT). Copyright (c) 2015-present Jason Miller; copyright (c) 2022-present
 * Preact Team.
 * Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
 * associated documentation files (the "Software"), to deal in the Software without restriction,
 * including without limitation the rights to use, copy, modify, merge, publish, distribute,
 * sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
 * furnished to do so, subject to the following conditions: The above copyright notice and this
 * permission notice shall be included in all copies or substantial portions of the Software. THE
 * SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
 * LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
 * NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
 * DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
 * OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
 */
import { type JSX, render } from 'preact'
import { useEffect } from 'preact/hooks'
import type { OverviewAnswer } from '../answers.js'
import { AskView } from './ask-view.jsx'
import { CallView } from './call-view.jsx'
import { Chart } from './chart.jsx'
import { openReport } from './client.js'
import { CompareView } from './compare-view.jsx'
import { HelpView } from './help-view.jsx'
import { InputList } from './input-list.jsx'
import { onKey } from './keyboard.js'
import { follow } from './live-store.js'
import { StepView } from './step-view.jsx'
import { isBusy, isReport, open, overview, problem, type View, view } from './store.js'
import { Toolbar } from './toolbar.jsx'
import { WhatIfView } from './what-if-view.jsx'
import { WhyView } from './why-view.jsx'

const VIEWS: Readonly<Record<View, () => JSX.Element>> = {
    step: StepView, why: WhyView, call: CallView, compare: CompareView, ask: AskView,
    'what-if': WhatIfView, help: HelpView
}

const NAMES: readonly (readonly [View, string])[] = [
    ['step', 'Step'], ['why', 'Why'], ['call', 'Call'], ['compare', 'Compare'],
    ['ask', 'Ask the past'], ['what-if', 'What if'], ['help', 'Help']
]

function Details(): JSX.Element {
    const Shown = VIEWS[view.value]
    return (
        <main class="details">
            <div class="tabs" role="tablist">
                {NAMES.map(([name, text]) => (
                    <button key={name} type="button" role="tab"
                        aria-selected={view.value === name}
                        onClick={() => {
                            view.value = name
                        }}>{text}</button>
                ))}
                <span class="problem" role="status">{problem.value}</span>
            </div>
            <div class="view" data-view={view.value}><Shown /></div>
        </main>
    )
}

/** The progress of the reading, while the page shows the part that is read. */
function Reading({ overview: { reading } }: { readonly overview: OverviewAnswer }): JSX.Element {
    return (
        <>
            {reading !== undefined && (
                <p class="growing" role="status">
                    {`The chart shows the first ${reading.done.toLocaleString('en')} of ${
                        reading.of.toLocaleString('en')} inputs, and grows. `}
                    <progress max={reading.of} value={reading.done} /></p>
            )}
        </>
    )
}

/** What the recordings lack: the parts behind a damage, and members without a recording. */
function Warnings({ overview: { lanes, missing } }: {
    readonly overview: OverviewAnswer
}): JSX.Element {
    const damaged = lanes.filter(({ damage }) => damage !== '')
    return (
        <>
            {damaged.map(({ member, last, damage }) => (
                <p key={member} class="warning" role="note">
                    {`The recording of ${member} is damaged: the page shows it through input ${
                        last}. ${damage}`}</p>
            ))}
            {missing.length > 0 && (
                <p class="warning" role="note">
                    {`There is no recording of ${missing.join(', ')}. Calls to and from such a `
                        + 'member end at the edge, and its own view of the log is absent.'}</p>
            )}
        </>
    )
}

function Inspection({ overview: whole }: { readonly overview: OverviewAnswer }): JSX.Element {
    useEffect(() => {
        const listener = (event: KeyboardEvent): void => onKey(event, whole)
        document.addEventListener('keydown', listener)
        return () => document.removeEventListener('keydown', listener)
    }, [whole])
    return (
        <div class="page" aria-busy={isBusy.value} data-revision={whole.revision}>
            <div>
                <Toolbar overview={whole} />
                <Reading overview={whole} />
                <Warnings overview={whole} />
            </div>
            <Chart overview={whole} />
            <div class="lower">
                <InputList />
                <Details />
            </div>
        </div>
    )
}

function Page(): JSX.Element {
    const { value } = overview
    switch (value.state) {
        case 'ready':
            return <Inspection overview={value} />
        case 'failed':
            return <p class="failed">{value.message}</p>
        default:
            return (
                <p class="reading">Reading the journals…{' '}
                    <progress max={value.of} value={value.done} /></p>
            )
    }
}

const root = document.getElementById('page')
if (root !== null) {
    isReport.value = openReport()
    render(<Page />, root)
    void open().then(follow).catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error)
        overview.value = { state: 'failed', message }
    })
}
