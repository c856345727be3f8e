import { type Signal, signal } from '@preact/signals'
import type { JSX } from 'preact'
import type { OverviewAnswer } from '../answers.js'
import { ask, questionOf } from './client.js'
import { dateOf, durationOf } from './format.js'
import {
    entryFilter, explain, explainEntry, showAll, goTo, hiddenMethods, lanes, memberFilter, METHODS,
    problem, shown, step, view, visible, zoom
} from './store.js'
import { isLive, liveProblem } from './live-store.js'
import { shownVariant } from './what-if-store.js'

/** The colours of the page: those of the system until the user chooses. */
export const theme: Signal<'system' | 'light' | 'dark'> = signal('system')

/** The next choice of colours. */
export function changeTheme(): void {
    const isDark = theme.value === 'system'
        ? matchMedia('(prefers-color-scheme: dark)').matches
        : theme.value === 'dark'
    theme.value = isDark ? 'light' : 'dark'
    document.documentElement.dataset['theme'] = theme.value
}

/** The search field, for the keyboard. */
export const FIND_ID = 'find'

/** Goes to an entry (`1/2`), an input (`a 17`, `17`), or an instant (`12:30:05.123`). */
function find(text: string, overview: OverviewAnswer): void {
    const words = text.trim().split(/[\s#]+/)
    const [first = '', second] = words
    const member = lanes.value.find((lane) => lane.member === first)?.member
    if (/^[0-9a-f]+\/[0-9a-f]+$/.test(first)) {
        void explainEntry(first)
    } else if (member !== undefined && second !== undefined) {
        void goTo({ member, number: Number(second) })
    } else if (/^\d+$/.test(first)) {
        const current = step.value?.member ?? lanes.value[0]?.member ?? ''
        void goTo({ member: current, number: Number(first) })
    } else {
        findTime(text.trim(), overview)
    }
}

function findTime(text: string, { from, to }: OverviewAnswer): void {
    const isTime = /^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(text)
    const date = `${dateOf(from).slice(0, 10)}T`
    const at = Date.parse(isTime ? `${date}${text.padStart(5, '0')}Z` : text)
    if (Number.isNaN(at) || at < from - 86_400_000 || at > to + 86_400_000) {
        problem.value = 'Type an entry such as 1/2, an input such as a 17, or a time such as '
            + '12:30:05.123 (UTC).'
        return
    }
    const span = visible.value[1] - visible.value[0]
    visible.value = [at - span / 2, at + span / 2]
}

function Filters(): JSX.Element {
    return (
        <span class="filters">
            {METHODS.map((method) => (
                <label key={method} class={`method-${method}`}>
                    <input type="checkbox" checked={!hiddenMethods.value.has(method)}
                        onChange={(event) => {
                            const hidden = new Set(hiddenMethods.value)
                            if (event.currentTarget.checked) {
                                hidden.delete(method)
                            } else {
                                hidden.add(method)
                            }
                            hiddenMethods.value = hidden
                        }} />
                    {method}
                </label>
            ))}
            <select aria-label="calls of" value={memberFilter.value ?? ''} onChange={(event) => {
                memberFilter.value = event.currentTarget.value || null
            }}>
                <option value="">all members</option>
                {lanes.value.map(({ member }) => <option key={member} value={member}>{member}
                </option>)}
            </select>
            <input class="entry" type="text" placeholder="entry 1/2" aria-label="calls with entry"
                value={entryFilter.value} onChange={(event) => {
                    entryFilter.value = event.currentTarget.value.trim()
                }} />
        </span>
    )
}

function Counts(): JSX.Element {
    const { value } = shown
    const [from, to] = visible.value
    const counts = value === null ? '' : `${value.calls.length < value.callsTotal
        ? `${value.calls.length.toLocaleString('en')} of ` : ''}${
        value.callsTotal.toLocaleString('en')} calls, ${
        value.marksTotal.toLocaleString('en')} inputs in `
    return <span class="quiet counts">{counts}{durationOf(to - from)}</span>
}

/** Goes to the next gap after the middle of the visible part, or to the first one. */
export function nextGap({ gaps }: OverviewAnswer): void {
    const middle = (visible.value[0] + visible.value[1]) / 2
    const gap = gaps.find(({ from, to }) => (from + to) / 2 > middle + 1) ?? gaps[0]
    if (gap !== undefined) {
        const span = Math.max(gap.to - gap.from, 10)
        visible.value = [gap.from - span, gap.to + span]
        void explain(questionOf('gap', { index: gap.index }))
    }
}

/** Goes to the next government, or to the one before, and to the input that enacted it. */
export async function nextGovernment({ governments }: OverviewAnswer, distance: 1 | -1):
Promise<void> {
    const at = step.value?.at ?? Number.NEGATIVE_INFINITY
    const found = distance === 1
        ? governments.find((government) => government.at > at + 0.001)
        : governments.findLast((government) => government.at < at - 0.001)
    if (found !== undefined) {
        await goTo(found.place)
    }
}

/** Goes to the next input of the member with an entry, or to the one before. */
export async function nextEntry(distance: 1 | -1): Promise<void> {
    const current = step.value
    if (current === null) {
        return
    }
    const { member, number, first, last } = current
    const from = distance === 1 ? number + 1 : Math.max(first, number - 500)
    const page = await ask<{ inputs: { number: number, entries: number }[] }>(
        questionOf('inputs', { member, from: first + Math.floor((from - first) / 500) * 500 })
    ).catch(() => ({ inputs: [] }))
    const matching = page.inputs.filter(({ entries }) => entries > 0)
    const found = distance === 1
        ? matching.find((input) => input.number > number)
        : matching.findLast((input) => input.number < number)
    await goTo({ member, number: found?.number ?? (distance === 1
        ? Math.min(last, (page.inputs.at(-1)?.number ?? number) + 1) : first) })
}

/** The line at the top: search, zoom, filters. */
export function Toolbar({ overview }: { readonly overview: OverviewAnswer }): JSX.Element {
    const { republic, isRedacted, from, gaps } = overview
    return (
        <header class="toolbar">
            <div>
                <h1>{republic || 'kibitz'}</h1>
                <span class="quiet">{dateOf(from)}{isRedacted ? ' · values redacted' : ''}</span>
                {isLive.value && <b class="live" title={liveProblem.value}>
                    {liveProblem.value === '' ? 'live' : 'live, with a problem'}</b>}
                {shownVariant.value !== null && <b class="variant">variant</b>}
                <form onSubmit={(event) => {
                    event.preventDefault()
                    const field = event.currentTarget.elements.namedItem('find')
                    find(field instanceof HTMLInputElement ? field.value : '', overview)
                }}>
                    <input id={FIND_ID} name="find" type="search" aria-label="find"
                        placeholder="find: 1/2, a 17, 12:30:05" />
                </form>
                <button type="button" title="+" onClick={() => zoom(0.5)}>+</button>
                <button type="button" title="-" onClick={() => zoom(2)}>−</button>
                <button type="button" title="0" onClick={showAll}>all</button>
                <button type="button" title="g" disabled={gaps.length === 0}
                    onClick={() => nextGap(overview)}>next gap</button>
                <Counts />
                <button type="button" title="t" onClick={changeTheme}>theme</button>
                <button type="button" title="?" onClick={() => {
                    view.value = 'help'
                }}>help</button>
            </div>
            <div><Filters /></div>
        </header>
    )
}
