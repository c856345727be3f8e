import type { JSX } from 'preact'
import type { LaneAnswer, MarkAnswer } from '../answers.js'
import { colourOf, type Geometry, instantAt, LANE, NAMES, xOf, yOf } from './chart-geometry.js'
import { dateOf, durationOf } from './format.js'
import { explain, goTo, shown } from './store.js'

/** Half of the height of the bar of a role, in pixels. */
const HALF = 6

function clamp(geometry: Geometry, at: number): number {
    return Math.min(Math.max(xOf(geometry, at), NAMES), geometry.width)
}

/** The lane of a member, at a height of the chart. */
interface LanePlace {
    readonly geometry: Geometry
    readonly lane: LaneAnswer
    readonly y: number
}

/** The periods that the chart shows, whole or in part. */
function inView<Period extends { readonly from: number, readonly to: number }>(
    geometry: Geometry, periods: readonly Period[]
): readonly Period[] {
    return periods.filter(({ from, to }) => to >= geometry.from && from <= geometry.to)
}

function Roles({ geometry, lane, y }: LanePlace): JSX.Element {
    return (
        <g>
            {inView(geometry, lane.roles).map(({ number, role, government, from, to }) => (
                <rect key={number} class={`role role-${role}`} x={clamp(geometry, from)}
                    y={y - HALF} height={2 * HALF}
                    width={Math.max(clamp(geometry, to) - clamp(geometry, from), 1)}
                    style={{ color: colourOf(geometry.lanes, lane.member) }}>
                    <title>{`${lane.member}: ${role} under ${government}`}</title>
                </rect>
            ))}
        </g>
    )
}

function Silences({ geometry, lane, y }: LanePlace): JSX.Element {
    return (
        <g>
            {inView(geometry, lane.silences).map(({ number, from, to, isRestart }) => {
                const left = clamp(geometry, from)
                const width = clamp(geometry, to) - left
                const label = `${isRestart ? 'down' : 'silent'} ${durationOf(to - from)}`
                return (
                    <g key={number} class="silence">
                        <title>{`${lane.member}: no input for ${durationOf(to - from)}${
                            isRestart ? ', then a new process' : ''}`}</title>
                        <rect x={left} y={y - HALF} width={Math.max(width, 2)}
                            height={2 * HALF} />
                        {width > 70 && <text x={left + width / 2} y={y + 4}>{label}</text>}
                    </g>
                )
            })}
        </g>
    )
}

function DiskWaits({ geometry, lane, y }: LanePlace): JSX.Element {
    return (
        <g>
            {inView(geometry, lane.diskWaits).map(({ number, from, to }) => (
                <rect key={number} class="disk-wait" role="button" x={clamp(geometry, from)}
                    y={y + HALF} height={4}
                    width={Math.max(clamp(geometry, to) - clamp(geometry, from), 2)}
                    onClick={() => void goTo({ member: lane.member, number })}>
                    <title>{`${lane.member} waited ${durationOf(to - from)} for its disk`}</title>
                </rect>
            ))}
        </g>
    )
}

/** The part whose inputs are not yet read. */
function Unread({ geometry, lane: { member, to, unread = to }, y }: LanePlace): JSX.Element {
    const left = clamp(geometry, to)
    return (
        <rect class="unread" x={left} y={y - HALF} height={2 * HALF}
            width={Math.max(clamp(geometry, unread) - left, 0)}>
            <title>{`${member}: these inputs are still being read`}</title>
        </rect>
    )
}

/** The inputs of a lane as one path. */
function pathOf(geometry: Geometry, marks: readonly MarkAnswer[], y: number): string {
    return marks.map(({ at, entries }) => {
        const half = entries > 0 ? 5 : 3
        return `M${xOf(geometry, at).toFixed(1)} ${y - half}v${2 * half}`
    }).join('')
}

function Lane({ geometry, lane, onPick }: {
    readonly geometry: Geometry
    readonly lane: LaneAnswer
    readonly onPick: (member: string, at: number) => void
}): JSX.Element | null {
    const y = yOf(geometry, lane.member)
    if (y === null) {
        return null
    }
    const marks = shown.value?.marks.filter(({ member }) => member === lane.member) ?? []
    const end = xOf(geometry, lane.to)
    return (
        <g>
            <line class="lane" x1={NAMES} x2={geometry.width} y1={y} y2={y} />
            <Roles geometry={geometry} lane={lane} y={y} />
            <Silences geometry={geometry} lane={lane} y={y} />
            <path class="marks" d={pathOf(geometry, marks, y)} />
            {lane.starts.map(([at, number]) => (
                <path key={number} class="start" role="button"
                    d={`M${xOf(geometry, at)} ${y - 12}l-4 -6h8z`}
                    onClick={() => void goTo({ member: lane.member, number })}>
                    <title>{`a process of ${lane.member} starts, ${dateOf(at)}`}</title>
                </path>
            ))}
            {lane.unread !== undefined && <Unread geometry={geometry} lane={lane} y={y} />}
            {lane.unread === undefined && end >= NAMES && end <= geometry.width
                && <line class="end" x1={end} x2={end} y1={y - 10} y2={y + 10}>
                    <title>{`the recording of ${lane.member} ends`}</title>
                </line>}
            {lane.damage !== '' && end >= NAMES && end <= geometry.width
                && <text class="damage" x={end + 3} y={y + 4}>damaged
                    <title>{lane.damage}</title>
                </text>}
            <rect class="pick" x={NAMES} y={y - LANE / 4} height={LANE / 2}
                width={Math.max(0, geometry.width - NAMES)}
                onClick={(event) => {
                    const svg = event.currentTarget.ownerSVGElement
                    const left = svg?.getBoundingClientRect().left ?? 0
                    onPick(lane.member, instantAt(geometry, event.clientX - left))
                }} />
            <DiskWaits geometry={geometry} lane={lane} y={y} />
            <LaneName geometry={geometry} lane={lane} y={y} />
        </g>
    )
}

function LaneName({ geometry, lane, y }: {
    readonly geometry: Geometry
    readonly lane: LaneAnswer
    readonly y: number
}): JSX.Element {
    const { member, offset, unsettled } = lane
    const shortened = member.length > 9 ? `${member.slice(0, 8)}…` : member
    const question = `open?member=${encodeURIComponent(member)}`
    const notes = [
        ...(Math.abs(offset) >= 5 ? [`clock ${offset > 0 ? '+' : '−'}${
            durationOf(Math.abs(offset))}`] : []),
        ...(unsettled > 0 ? [`${unsettled} open`] : [])
    ]
    return (
        <g class="name" role="button" onClick={() => void explain(question)}>
            <title>{`${member}: a click lists the publishes without an outcome`}</title>
            <rect x={0} y={y - LANE / 2} width={NAMES} height={LANE} />
            <text x={8} y={y + (notes.length === 0 ? 4 : -1)}
                style={{ fill: colourOf(geometry.lanes, member) }}>{shortened}</text>
            {notes.length > 0 && <text class="note" x={8} y={y + 12}>{notes.join(', ')}</text>}
        </g>
    )
}

/** The lanes of all members. */
export function Lanes({ geometry, onPick }: {
    readonly geometry: Geometry
    readonly onPick: (member: string, at: number) => void
}): JSX.Element {
    return (
        <g>
            {geometry.lanes.map((lane) => (
                <Lane key={lane.member} geometry={geometry} lane={lane} onPick={onPick} />
            ))}
        </g>
    )
}
