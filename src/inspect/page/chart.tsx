import { useSignalEffect } from '@preact/signals'
import type { JSX, SVGAttributes } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { GovernmentAnswer, OverviewAnswer } from '../answers.js'
import { AskLine } from './ask-line.jsx'
import { Calls } from './chart-calls.jsx'
import {
    AXIS, BAND, colourOf, type Geometry, instantAt, LANE, NAMES, TOP, xOf, yOf
} from './chart-geometry.js'
import { Lanes } from './chart-lanes.jsx'
import { dateOf, durationOf, tickLabel, ticksOf } from './format.js'
import {
    asked, entryFilter, explain, explainEntry, goTo, hiddenMethods, memberFilter, pan, readWindow,
    shown, step, visible, zoom
} from './store.js'

/** The height of the line of a question, in pixels. */
const ASKED = 54

function TimeAxis({ geometry }: { readonly geometry: Geometry }): JSX.Element {
    const { from, to, width } = geometry
    return (
        <g class="axis">
            {ticksOf(from, to, Math.max(2, width / 110)).map((at) => (
                <g key={at}>
                    <line x1={xOf(geometry, at)} x2={xOf(geometry, at)} y1={BAND} y2="100%" />
                    <text x={xOf(geometry, at) + 3} y={BAND + AXIS - 4}>
                        {tickLabel(at, to - from)}
                    </text>
                </g>
            ))}
        </g>
    )
}

function Band({ geometry, government, end }: {
    readonly geometry: Geometry
    readonly government: GovernmentAnswer
    readonly end: number
}): JSX.Element | null {
    const { promise, at, leader, change, majority, minority, constituents } = government
    const left = Math.max(xOf(geometry, at), NAMES)
    const width = Math.min(xOf(geometry, end), geometry.width) - left
    if (width < 0 || left > geometry.width) {
        return null
    }
    const seats = [`majority ${majority.join(', ')}`, `minority ${minority.join(', ') || 'none'}`,
        `constituents ${constituents.join(', ') || 'none'}`].join(' · ')
    return (
        <g class="government" role="button" onClick={() => void explainEntry(promise)}>
            <title>{`${promise}: ${change}\n${seats}\n${dateOf(at)}`}</title>
            <rect x={left} y={1} width={Math.max(width - 1, 1.5)} height={BAND - 3} rx={2}
                style={{ fill: colourOf(geometry.lanes, leader) }} />
            {width > 34 && <text x={left + 5} y={BAND - 9}>
                {width > 90 ? `${promise} · ${leader}` : promise}
            </text>}
        </g>
    )
}

function Governments({ geometry, overview: { governments, lanes, reading, to } }: {
    readonly geometry: Geometry
    readonly overview: OverviewAnswer
}): JSX.Element {
    const end = reading === undefined ? to : Math.max(...lanes.map((lane) => lane.to))
    return (
        <g>
            {governments.map((government, index) => (
                <Band key={government.promise} geometry={geometry} government={government}
                    end={governments[index + 1]?.at ?? end} />
            ))}
        </g>
    )
}

function Gaps({ geometry, overview: { gaps }, height }: {
    readonly geometry: Geometry
    readonly overview: OverviewAnswer
    readonly height: number
}): JSX.Element {
    return (
        <g>
            {gaps.filter(({ from, to }) => to >= geometry.from && from <= geometry.to)
                .map(({ index, from, to, before, after }) => {
                    const left = Math.max(xOf(geometry, from), NAMES)
                    const width = Math.max(Math.min(xOf(geometry, to), geometry.width) - left, 3)
                    const sides = `${before ?? 'no leader'} before, ${after ?? 'no leader'} after`
                    return (
                        <g key={index} class="gap" role="button"
                            onClick={() => void explain(`gap?index=${index}`)}>
                            <title>{`No leader for ${durationOf(to - from)}: ${sides}`}</title>
                            <rect x={left} y={BAND + AXIS} width={width}
                                height={height - BAND - AXIS} />
                            <text x={left + width / 2} y={BAND + AXIS + 11}>
                                {width > 60 ? `no leader, ${durationOf(to - from)}`
                                    : durationOf(to - from)}
                            </text>
                        </g>
                    )
                })}
        </g>
    )
}

function Cursor({ geometry, height }: {
    readonly geometry: Geometry
    readonly height: number
}): JSX.Element | null {
    const { value } = step
    if (value === null || value.at < geometry.from || value.at > geometry.to) {
        return null
    }
    const x = xOf(geometry, value.at)
    const y = yOf(geometry, value.member)
    return (
        <g class="cursor">
            <line x1={x} x2={x} y1={BAND} y2={height} />
            {y !== null && <circle cx={x} cy={y} r={5} />}
        </g>
    )
}

/** The distance in pixels from which a movement of the pointer is no click. */
const CLICK = 4

/** Moves and zooms the chart, and goes to the input at a click. */
function usePointer(geometry: Geometry): SVGAttributes<SVGSVGElement> {
    const start = useRef<{ readonly x: number, readonly last: number } | null>(null)
    return {
        onWheel: (event) => {
            event.preventDefault()
            const x = event.clientX - event.currentTarget.getBoundingClientRect().left
            if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
                pan(event.deltaX / geometry.width)
            } else {
                zoom(event.deltaY > 0 ? 1.25 : 0.8, instantAt(geometry, x))
            }
        },
        onPointerDown: (event) => {
            start.current = { x: event.clientX, last: event.clientX }
        },
        onPointerMove: (event) => {
            const { current } = start
            if (current !== null && event.buttons === 1) {
                const moved = Math.abs(event.clientX - current.x) > CLICK
                if (moved || current.last !== current.x) {
                    pan((current.last - event.clientX) / (geometry.width - NAMES))
                    start.current = { x: current.x, last: event.clientX }
                }
            }
        },
        onPointerUp: () => {
            start.current = null
        }
    }
}

/** Goes to the input of a lane that is nearest to a point. */
export function goToNearest(member: string, at: number): void {
    const marks = shown.value?.marks.filter((mark) => mark.member === member) ?? []
    const [first, ...others] = marks
    if (first !== undefined) {
        const nearest = others.reduce((best, mark) =>
            (Math.abs(mark.at - at) < Math.abs(best.at - at) ? mark : best), first)
        void goTo(nearest)
    }
}

function useWidth(): readonly [{ current: HTMLDivElement | null }, number] {
    const element = useRef<HTMLDivElement>(null)
    const [width, setWidth] = useState(1200)
    useEffect(() => {
        const { current } = element
        if (current === null) {
            return () => {}
        }
        const observer = new ResizeObserver(([entry]) => {
            setWidth(Math.max(400, Math.floor(entry?.contentRect.width ?? 1200)))
        })
        observer.observe(current)
        return () => observer.disconnect()
    }, [])
    return [element, width]
}

/** The time after the last movement at which the calls are read again, in milliseconds. */
const PAUSE_MS = 60

function useWindow(): void {
    const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
    useSignalEffect(() => {
        // Each of these changes the window.
        visible.value
        hiddenMethods.value
        memberFilter.value
        entryFilter.value
        clearTimeout(timer.current ?? undefined)
        timer.current = setTimeout(() => void readWindow(), PAUSE_MS)
    })
}

/** The republic over time: governments, lanes, gaps, calls. */
export function Chart({ overview }: { readonly overview: OverviewAnswer }): JSX.Element {
    const [element, width] = useWidth()
    useWindow()
    const [from, to] = visible.value
    const geometry: Geometry = { from, to, width, lanes: overview.lanes }
    const lanesHeight = TOP + overview.lanes.length * LANE
    const height = lanesHeight + (asked.value === null ? 0 : ASKED)
    const { value } = shown
    return (
        <div class="chart" ref={element}>
            <svg width={width} height={height} {...usePointer(geometry)}
                aria-label="The republic over time">
                <TimeAxis geometry={geometry} />
                <Gaps geometry={geometry} overview={overview} height={lanesHeight} />
                <Governments geometry={geometry} overview={overview} />
                <Lanes geometry={geometry} onPick={goToNearest} />
                {value !== null && <Calls geometry={geometry} calls={value.calls} />}
                {asked.value !== null && <AskLine geometry={geometry} asked={asked.value}
                    top={lanesHeight} height={ASKED - 8} />}
                <Cursor geometry={geometry} height={height} />
            </svg>
        </div>
    )
}
