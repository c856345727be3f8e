import { type Signal, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { WhatIfAnswer, WhatIfColumn } from '../what-if-answers.js'
import { colourOf } from './chart-geometry.js'
import { durationOf } from './format.js'
import { goTo, isReport, lanes, step } from './store.js'
import { saveTest, showVariant, shownVariant, tryVariant, whatIf } from './what-if-store.js'

const KINDS: readonly (readonly [string, string])[] = [
    ['drop', 'this input is lost'], ['delay', 'this input is late'],
    ['double', 'this input comes twice'], ['reorder', 'the next input comes first'],
    ['cut', 'a link is cut'], ['crash', 'a member crashes']
]

/** The fields of a change that have a duration, one member, or two members. */
const TIMED = ['delay', 'cut', 'crash']
const TARGETED = ['cut', 'crash']

function MemberField({ label, value, fallback }: {
    readonly label: string
    readonly value: Signal<string>
    readonly fallback: string
}): JSX.Element {
    return (
        <select aria-label={label} value={value.value || fallback} onChange={(event) => {
            value.value = event.currentTarget.value
        }}>
            {lanes.value.map(({ member }) => <option key={member} value={member}>{member}</option>)}
        </select>
    )
}

function NumberField({ label, value, unit }: {
    readonly label: string
    readonly value: Signal<number>
    readonly unit: string
}): JSX.Element {
    return (
        <label>{label}{' '}
            <input type="number" aria-label={label} value={value.value} onInput={(event) => {
                value.value = Number(event.currentTarget.value)
            }} /> {unit}</label>
    )
}

function Form({ member, number }: { readonly member: string, readonly number: number }):
JSX.Element {
    const kind = useSignal('drop')
    const ms = useSignal(1000)
    const duration = useSignal(10_000)
    const seed = useSignal(1)
    const target = useSignal('')
    const other = useSignal('')
    const second = lanes.value.find((lane) => lane.member !== member)?.member ?? member
    return (
        <form onSubmit={(event) => {
            event.preventDefault()
            void tryVariant({
                member, number, kind: kind.value, ms: ms.value, durationMs: duration.value,
                seed: seed.value, target: target.value || member, other: other.value || second
            })
        }}>
            <b>{member} #{number}:</b>
            <select aria-label="change" value={kind.value} onChange={(event) => {
                kind.value = event.currentTarget.value
            }}>
                {KINDS.map(([name, text]) => <option key={name} value={name}>{text}</option>)}
            </select>
            {TARGETED.includes(kind.value)
                && <MemberField label="target" value={target} fallback={member} />}
            {kind.value === 'cut' && <MemberField label="other" value={other} fallback={second} />}
            {TIMED.includes(kind.value) && <NumberField label="for" value={ms} unit="ms" />}
            <NumberField label="continue" value={duration} unit="ms" />
            <NumberField label="seed" value={seed} unit="" />
            <button type="submit">try</button>
        </form>
    )
}

function Timeline({ column, durationMs }: {
    readonly column: WhatIfColumn
    readonly durationMs: number
}): JSX.Element {
    const x = (at: number): string => `${Math.min(100, Math.max(0, at / durationMs * 100))}%`
    const width = (from: number, to: number): string =>
        `${Math.max(0.3, (Math.min(to, durationMs) - Math.max(from, 0)) / durationMs * 100)}%`
    const { governments, gaps, endsAt } = column
    return (
        <svg role="img" aria-label={`governments and gaps ${column.name}`}>
            {governments.map(({ promise, leader, at }, index) => (
                <rect key={promise} x={x(at)} y={2} height={12}
                    width={width(at, governments[index + 1]?.at ?? endsAt)}
                    style={{ fill: colourOf(lanes.value, leader) }}>
                    <title>{`${promise}: ${leader}, from ${at} ms`}</title>
                </rect>
            ))}
            {gaps.map(({ from, to }) => (
                <g key={from} class="gap"><rect x={x(from)} y={2} height={22}
                    width={width(from, to)}>
                    <title>{`no leader for ${durationOf(to - Math.max(from, 0))}`}</title>
                </rect></g>
            ))}
        </svg>
    )
}

function gapsInWords({ gaps }: WhatIfColumn): string {
    return gaps.length === 0
        ? 'none'
        : gaps.map(({ from, to, before, after }) =>
            `${durationOf(to - from)} from ${from} ms: ${before ?? 'no leader'} before, ${
                after ?? 'no leader'} after`).join('; ')
}

function Columns({ answer: { columns, durationMs } }: { readonly answer: WhatIfAnswer }):
JSX.Element {
    return (
        <table class="outcomes"><tbody>
            {columns.map((column) => (
                <tr key={column.name} data-column={column.name}>
                    <th>{column.name}</th>
                    <td><Timeline column={column} durationMs={durationMs} /></td>
                    <td class="gaps">without a leader: {gapsInWords(column)}</td>
                    <td>leaders: {column.governments.map(({ leader }) => leader)
                        .filter((leader, index, all) => leader !== all[index - 1])
                        .join(', ') || 'no new government'}</td>
                    <td>{column.inLog} of {column.published} publishes in the log,
                        until {durationOf(column.endsAt)}</td>
                </tr>
            ))}
        </tbody></table>
    )
}

function Publishes({ answer: { publishes, publishesTotal, columns } }: {
    readonly answer: WhatIfAnswer
}): JSX.Element {
    return (
        <section>
            <h3>Publishes <span class="quiet">{publishes.length} of {publishesTotal}, other
                entries first</span></h3>
            <table class="publishes"><tbody>
                <tr><th />{columns.map(({ name }) => <th key={name}>{name}</th>)}</tr>
                {publishes.map(({ member, ticket, value, fates }) => (
                    <tr key={`${ticket} ${member}`}>
                        <td>{member} {ticket}: <code>{value}</code></td>
                        {fates.map((fate, index) => <td key={columns[index]?.name}>{fate}</td>)}
                    </tr>
                ))}
            </tbody></table>
        </section>
    )
}

function Difference({ answer: { difference, id } }: { readonly answer: WhatIfAnswer }):
JSX.Element {
    if (difference === null) {
        return <p>The change changes no input.</p>
    }
    const { member, number, at, unchanged, changed } = difference
    return (
        <p>First different input, {at} ms after the point: <b>{member}</b> gets {unchanged} without
            the change, and {changed ?? 'nothing'} with the change.{' '}
            {changed !== null && <button type="button" class="link" onClick={() => {
                void showVariant(id).then(() => goTo({ member, number }))
            }}>show the variant there</button>}
        </p>
    )
}

function Result({ answer }: { readonly answer: WhatIfAnswer }): JSX.Element {
    const { id, what, missing, isSavable } = answer
    return (
        <section>
            <h3>If {what}</h3>
            <p>
                <button type="button" onClick={() => void showVariant(id)}>
                    show in the chart</button>
                {' '}
                <button type="button" disabled={!isSavable} onClick={() => void saveTest(id)}>
                    save as a test</button>
                {missing.length > 0 && ` Without a recording, and silent: ${missing.join(', ')}.`}
            </p>
            <Difference answer={answer} />
            <Columns answer={answer} />
            <Publishes answer={answer} />
        </section>
    )
}

/** What if an input were lost, a link cut, a member killed? */
export function WhatIfView(): JSX.Element {
    const { value } = step
    const answer = whatIf.value
    if (isReport.value) {
        return <p>A report continues no recording. Open the journals with kibitz inspect.</p>
    }
    return (
        <div class="what-if">
            {shownVariant.value !== null
                ? <p class="variant">The chart shows the variant after the point.{' '}
                    <button type="button" onClick={() => void showVariant(null)}>
                        back to the recording</button></p>
                : value === null
                    ? <p>Go to an input first: the change happens before that input.</p>
                    : <Form member={value.member} number={value.number} />}
            {answer !== null && <Result answer={answer} />}
        </div>
    )
}
