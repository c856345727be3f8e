import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { StepAnswer } from '../answers.js'
import { textOfCall } from './chart-calls.jsx'
import { dateOf } from './format.js'
import { EntryLink, PlaceLink } from './links.jsx'
import { compareFrom, explain, isReport, showCall, step, stepBy, view } from './store.js'
import { Tree } from './tree.jsx'
import { shownVariant } from './what-if-store.js'

const CAUSES: Readonly<Record<string, string>> = {
    call: 'a call of', answer: 'an answer of', timer: 'a timer, set at', start: 'a new process',
    user: 'the application, or a member without a recording'
}

function Effects({ value }: { readonly value: StepAnswer }): JSX.Element {
    const { member, calls, entries, settled, appointments, publishes } = value
    return (
        <ul class="effects">
            {publishes.map(({ ticket, text }) => (
                <li key={ticket}>publishes <code>{text}</code>{' '}
                    <button type="button" class="link" onClick={() => void explain(
                        `open?member=${encodeURIComponent(member)}&ticket=${ticket}`
                    )}>what became of it?</button>
                </li>
            ))}
            {entries.map(({ promise, text }) => (
                <li key={promise}>adds <EntryLink promise={promise} /> to the log: {text}</li>
            ))}
            {calls.map((call) => (
                <li key={call.id}>sends{' '}
                    <button type="button" class="link" onClick={() => void showCall(call.id)}>
                        {textOfCall(call)}</button>
                </li>
            ))}
            {settled.map((text) => <li key={text}>settles {text}</li>)}
            {appointments.map((text) => <li key={text}>sets the timer {text}</li>)}
        </ul>
    )
}

function Input({ value }: { readonly value: StepAnswer }): JSX.Element {
    const isRaw = useSignal(false)
    return (
        <section>
            <h3>Input
                <button type="button" class="small" onClick={() => {
                    isRaw.value = !isRaw.value
                }}>{isRaw.value ? 'readable' : 'raw'}</button>
            </h3>
            {isRaw.value ? <pre>{value.raw}</pre> : <Tree tree={value.input} place="input" />}
            {value.outcome !== null && <Tree tree={value.outcome} place="outcome" />}
        </section>
    )
}

/** The selected input, its effects, and the member afterwards. */
export function StepView(): JSX.Element {
    const { value } = step
    if (value === null) {
        return <p>Click a lane, or press the right arrow key.</p>
    }
    const { member, number, first, last, cause, role, government, committed, when } = value
    return (
        <div class="step">
            <header>
                <button type="button" disabled={number <= first} title="left arrow"
                    onClick={() => void stepBy(-1)}>◀</button>
                <h2 data-step={`${member} ${number}`}>{member} #{number}</h2>
                <button type="button" disabled={number >= last} title="right arrow"
                    onClick={() => void stepBy(1)}>▶</button>
                <span>{value.method}</span>
                <span class="quiet">{dateOf(when)}</span>
                <button type="button" class="small" onClick={() => {
                    compareFrom.value = { member, number }
                }}>compare from here</button>
                {shownVariant.value === null && !isReport.value && <button type="button"
                    class="small" onClick={() => {
                        view.value = 'what-if'
                    }}>what if</button>}
            </header>
            <p>
                Cause: {CAUSES[cause.kind] ?? cause.kind}{' '}
                {cause.place !== null && <PlaceLink place={cause.place} />}.
                Afterwards, {member} is <b>{role}</b> under <EntryLink promise={government} />, and
                its log is committed through <EntryLink promise={committed} />.
            </p>
            <div class="columns">
                <div>
                    <Effects value={value} />
                    <Input value={value} />
                </div>
                <section>
                    <h3>State after the input <span class="quiet">
                        {value.changes.length} changes</span></h3>
                    <Tree tree={value.state} place="state" />
                </section>
            </div>
        </div>
    )
}
