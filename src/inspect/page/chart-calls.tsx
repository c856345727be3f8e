import type { JSX } from 'preact'
import type { CallAnswer } from '../answers.js'
import { type Geometry, LANE, xOf, yOf } from './chart-geometry.js'
import { call as selected, showCall } from './store.js'

/** Beyond this number of calls in view, arrows are thin and without heads. */
const MANY = 250

/** The part of the way to the receiver after which a lost call ends. */
const LOST = 0.45

/** A call in words. */
export function textOfCall({ from, to, method, entries, fate }: CallAnswer): string {
    const target = to ?? 'the leader'
    const carried = entries === null
        ? ''
        : `, ${entries.count} ${entries.count === 1 ? 'entry' : 'entries'} ${entries.first}${
            entries.count > 1 ? ` to ${entries.last}` : ''}`
    const end = fate === 'lost'
        ? ', lost'
        : fate === 'outside' ? ', no recording of the receiver' : ''
    return `${method} from ${from.member} to ${target}${carried}${end}`
}

/** The end of a call that no recording has received. */
function lostEnd(geometry: Geometry, { sentAt, to, from }: CallAnswer): readonly [number, number] {
    const y = yOf(geometry, from.member) ?? 0
    const target = to === null ? null : yOf(geometry, to)
    const height = target === null ? -LANE * 0.4 : (target - y) * LOST
    return [xOf(geometry, sentAt) + 14, y + height]
}

function Arrow({ geometry, call, isThin }: {
    readonly geometry: Geometry
    readonly call: CallAnswer
    readonly isThin: boolean
}): JSX.Element | null {
    const y = yOf(geometry, call.from.member)
    if (y === null) {
        return null
    }
    const x = xOf(geometry, call.sentAt)
    const ends = call.received.length === 0
        ? [lostEnd(geometry, call)]
        : call.received.map(({ member, at }) =>
            [xOf(geometry, at), yOf(geometry, member) ?? y] as const)
    const isSelected = selected.value?.call.id === call.id
    const kind = `call method-${call.method} fate-${call.fate}${isSelected ? ' selected' : ''}`
    return (
        <g class={kind} role="button" data-call={call.id}
            onClick={() => void showCall(call.id)}>
            <title>{textOfCall(call)}</title>
            {ends.map(([endX, endY], index) => (
                <g key={index}>
                    <line class="grip" x1={x} y1={y} x2={endX} y2={endY} />
                    <line x1={x} y1={y} x2={endX} y2={endY}
                        marker-end={isThin ? undefined : call.received.length === 0
                            ? 'url(#cross)' : 'url(#head)'} />
                </g>
            ))}
        </g>
    )
}

/** The calls in view as arrows. A lost call ends in the air. */
export function Calls({ geometry, calls }: {
    readonly geometry: Geometry
    readonly calls: readonly CallAnswer[]
}): JSX.Element {
    const isThin = calls.length > MANY
    return (
        <g class={isThin ? 'calls many' : 'calls'}>
            <defs>
                <marker id="head" viewBox="0 0 6 6" refX="6" refY="3" markerWidth="6"
                    markerHeight="6" orient="auto">
                    <path d="M0 0L6 3L0 6z" />
                </marker>
                <marker id="cross" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="8"
                    markerHeight="8">
                    <path class="cross" d="M1 1L7 7M7 1L1 7" />
                </marker>
            </defs>
            {calls.map((call) => (
                <Arrow key={call.id} geometry={geometry} call={call} isThin={isThin} />
            ))}
        </g>
    )
}
