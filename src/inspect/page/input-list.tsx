import { type Signal, signal, useSignalEffect } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { InputsAnswer } from '../answers.js'
import { ask, questionOf } from './client.js'
import { timeOf } from './format.js'
import { goTo, lanes, step } from './store.js'

/** The height of a row, in pixels. */
const ROW = 22

/** The number of inputs of a page of the list. */
const PAGE = 500

/** The height of a list that a browser can scroll, in pixels. */
const HEIGHT_MAX = 8_000_000

/** The pages of the list, by member and first number. */
const pages: Signal<ReadonlyMap<string, InputsAnswer>> = signal(new Map<string, InputsAnswer>())

/** The pages that are kept. */
const PAGES_MAX = 40

const asked = new Set<string>()

function read(member: string, from: number): void {
    const name = `${member} ${from}`
    if (!asked.has(name)) {
        asked.add(name)
        void ask<InputsAnswer>(questionOf('inputs', { member, from })).then((answer) => {
            pages.value = new Map([...pages.value, [name, answer] as const].slice(-PAGES_MAX))
        }, () => {}).finally(() => asked.delete(name))
    }
}

/** The number of the first visible row. */
const top: Signal<number> = signal(0)

/** The number of visible rows. */
const rows: Signal<number> = signal(20)

function Row({ member, number, first, last, offset }: {
    readonly member: string
    readonly number: number
    readonly first: number
    readonly last: number
    readonly offset: number
}): JSX.Element {
    const from = first + Math.floor((number - first) / PAGE) * PAGE
    const page = pages.value.get(`${member} ${from}`)
    const input = page?.inputs[number - from]
    const isMissing = input === undefined
    useEffect(() => {
        if (isMissing) {
            read(member, from)
        }
        // A page grows while the recordings are read, and with a running member.
    }, [member, from, isMissing, last])
    const isCurrent = step.value?.member === member && step.value.number === number
    return (
        <button type="button" class={isCurrent ? 'row current' : 'row'} tabIndex={-1}
            style={{ top: `${offset}px` }} onClick={() => void goTo({ member, number })}>
            <span class="number">{number}</span>
            <span class="number quiet">{input === undefined ? '' : timeOf(input.at)}</span>
            <span>{input?.method ?? '…'}</span>
            {input !== undefined && input.entries > 0
                && <span class="quiet">+{input.entries}</span>}
        </button>
    )
}

/** All inputs of the selected member. Only the visible rows exist. */
export function InputList(): JSX.Element | null {
    const element = useRef<HTMLDivElement>(null)
    const member = step.value?.member ?? lanes.value[0]?.member
    const lane = lanes.value.find((each) => each.member === member)
    const count = lane === undefined ? 0 : lane.last - lane.first + 1
    const height = Math.min(count * ROW, HEIGHT_MAX)
    const isScaled = height < count * ROW
    const measure = (): void => {
        const { current } = element
        if (current !== null && count > 0) {
            rows.value = Math.ceil(current.clientHeight / ROW) + 1
            const reach = Math.max(1, height - current.clientHeight)
            top.value = isScaled
                ? Math.round(current.scrollTop / reach * Math.max(0, count - rows.value))
                : Math.floor(current.scrollTop / ROW)
        }
    }
    useEffect(measure, [member, count])
    useSignalEffect(() => {
        const { current } = element
        const number = step.value?.number
        if (current !== null && number !== undefined && lane !== undefined) {
            const index = number - (step.value?.first ?? lane.first)
            if (index < top.peek() || index >= top.peek() + rows.peek() - 2) {
                const wanted = Math.max(0, index - Math.floor(rows.peek() / 2))
                current.scrollTop = isScaled ? wanted / count * height : wanted * ROW
            }
        }
    })
    if (lane === undefined || member === undefined) {
        return null
    }
    const base = isScaled ? (element.current?.scrollTop ?? 0) : top.value * ROW
    const visible = Array.from({ length: Math.min(rows.value, count - top.value) },
        (_, index) => index)
    return (
        <div class="inputs" ref={element} onScroll={measure} title={`inputs of ${member}`}>
            <div style={{ height: `${height}px` }}>
                {visible.map((index) => (
                    <Row key={index} member={member} first={lane.first} last={lane.last}
                        number={lane.first + top.value + index} offset={base + index * ROW} />
                ))}
            </div>
        </div>
    )
}
