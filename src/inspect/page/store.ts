import { batch, computed, type ReadonlySignal, signal, type Signal } from '@preact/signals'
import type {
    AskAnswer, CallBodyAnswer, CompareAnswer, FailedAnswer, LaneAnswer, OverviewAnswer,
    PlaceAnswer, ReadingAnswer, StepAnswer, WhyAnswer, WindowAnswer
} from '../answers.js'
import { ask, questionOf } from './client.js'

/** The views in the lower right part of the page. */
export type View = 'step' | 'why' | 'call' | 'compare' | 'ask' | 'what-if' | 'help'

/** The overview, or the progress towards the overview. */
export const overview: Signal<OverviewAnswer | ReadingAnswer | FailedAnswer> = signal({
    state: 'reading', done: 0, of: 1
})

/** The visible part of the time: aligned instants. */
export const visible: Signal<readonly [from: number, to: number]> = signal([0, 1])

/** The calls and the inputs of the visible part. */
export const shown: Signal<WindowAnswer | null> = signal(null)

/** The selected step. */
export const step: Signal<StepAnswer | null> = signal(null)

/** The explanation. */
export const why: Signal<WhyAnswer | null> = signal(null)

/** The selected call. */
export const call: Signal<CallBodyAnswer | null> = signal(null)

/** The left place and the result of a comparison. */
export const compareFrom: Signal<PlaceAnswer | null> = signal(null)

/** The result of a comparison. */
export const comparison: Signal<CompareAnswer | null> = signal(null)

/** The result of a question about the past. */
export const asked: Signal<AskAnswer | null> = signal(null)

/** The selected view. */
export const view: Signal<View> = signal('help')

/** A problem to tell; empty without one. */
export const problem: Signal<string> = signal('')

/** Whether an answer is awaited. */
export const isBusy: Signal<boolean> = signal(false)

/** The hidden methods of calls. */
export const hiddenMethods: Signal<ReadonlySet<string>> = signal(new Set<string>())

/** The member whose calls are shown; `null`: all. */
export const memberFilter: Signal<string | null> = signal(null)

/** The entry whose calls are shown; empty: all. */
export const entryFilter: Signal<string> = signal('')

/** Whether the page is a report. */
export const isReport: Signal<boolean> = signal(false)

/** The lanes; empty before the overview. */
export const lanes: ReadonlySignal<readonly LaneAnswer[]> = computed(() => {
    const { value } = overview
    return value.state === 'ready' ? value.lanes : []
})

/** The methods of calls. */
export const METHODS: readonly string[] = [
    'register', 'synchronize', 'enqueue', 'canvass', 'prepare', 'cede', 'petition', 'immigrate'
]

/** The number of the last question of each kind. */
const asking = new Map<string, number>()

/** Asks a question. An answer to an earlier question of the same kind is dropped. */
export async function take<Answer extends object>(
    kind: string, question: string, use: (answer: Answer) => void
): Promise<void> {
    const turn = (asking.get(kind) ?? 0) + 1
    asking.set(kind, turn)
    isBusy.value = true
    try {
        const answer = await ask<Answer>(question)
        if (asking.get(kind) === turn) {
            batch(() => {
                problem.value = ''
                use(answer)
            })
        }
    } catch (error) {
        if (asking.get(kind) === turn) {
            problem.value = error instanceof Error ? error.message : String(error)
        }
    } finally {
        if (asking.get(kind) === turn) {
            isBusy.value = false
        }
    }
}

/** Goes to an input, and shows the step. */
export async function goTo({ member, number }: PlaceAnswer, isShown = true): Promise<void> {
    await take<StepAnswer>('step', questionOf('step', { member, number }), (answer) => {
        step.value = answer
        if (isShown && view.value !== 'compare') {
            view.value = 'step'
        }
        reveal(answer.at)
    })
}

/** Moves the visible part, if an instant is outside. */
export function reveal(at: number): void {
    const [from, to] = visible.value
    const span = to - from
    if (at < from || at > to) {
        visible.value = [at - span / 2, at + span / 2]
    }
}

/** Moves by inputs. */
export async function stepBy(distance: number): Promise<void> {
    const current = step.value
    const [lane] = lanes.value
    if (current === null) {
        return await (lane === undefined
            ? Promise.resolve()
            : goTo({ member: lane.member, number: lane.first }))
    }
    const number = Math.min(Math.max(current.number + distance, current.first), current.last)
    if (number !== current.number) {
        await goTo({ member: current.member, number })
    }
}

/** Goes to the next or the last input before that satisfies a condition on its mark. */
export async function goToMember(distance: number): Promise<void> {
    const all = lanes.value
    const current = step.value
    const index = all.findIndex(({ member }) => member === current?.member)
    const lane = all[(index + distance + all.length) % all.length]
    if (lane !== undefined) {
        await goToInstant(lane, current?.at ?? lane.from)
    }
}

/** Goes to the last input of a lane at or before an instant. */
async function goToInstant({ member, first, last }: LaneAnswer, at: number): Promise<void> {
    const { value } = shown
    const near = value?.marks.filter((mark) => mark.member === member) ?? []
    const before = near.filter((mark) => mark.at <= at + 0.001).at(-1) ?? near[0]
    const number = before?.number ?? first
    await goTo({ member, number: Math.min(Math.max(number, first), last) })
}

/** Explains an entry, a government, a gap, or the open publishes of a member. */
export async function explain(question: string): Promise<void> {
    await take<WhyAnswer>('why', question, (answer) => {
        why.value = answer
        view.value = 'why'
    })
}

/** Explains an entry. */
export async function explainEntry(promise: string): Promise<void> {
    await explain(questionOf('entry', { promise }))
}

/** Shows a call with its body. */
export async function showCall(id: number): Promise<void> {
    await take<CallBodyAnswer>('call', questionOf('call', { id }), (answer) => {
        call.value = answer
        view.value = 'call'
    })
}

/** Compares the marked place with the selected step. */
export async function compare(): Promise<void> {
    const [left, right] = [compareFrom.value, step.value]
    if (left !== null && right !== null) {
        const question = questionOf('compare', {
            member: left.member, number: left.number, other: right.member,
            otherNumber: right.number
        })
        await take<CompareAnswer>('compare', question, (answer) => {
            comparison.value = answer
            view.value = 'compare'
        })
    }
}

/** Reads the calls and the inputs of the visible part. */
export async function readWindow(): Promise<void> {
    const [from, to] = visible.value
    const methods = METHODS.filter((method) => !hiddenMethods.value.has(method))
    const question = questionOf('window', {
        from, to,
        methods: methods.length === METHODS.length ? null : methods.join(','),
        members: memberFilter.value,
        entry: entryFilter.value === '' ? null : entryFilter.value
    })
    await take<WindowAnswer>('window', question, (answer) => {
        shown.value = answer
    })
}

/** Evaluates an expression after every input of a member. */
export async function askPast(member: string, expression: string): Promise<void> {
    const lane = lanes.value.find((each) => each.member === member)
    let from: number | null = lane?.first ?? null
    let whole: AskAnswer | null = null
    asked.value = null
    while (from !== null) {
        let next: AskAnswer | null = null
        const question = questionOf('ask', { member, from, expression })
        await take<AskAnswer>('ask', question, (answer) => {
            next = answer
        })
        const part = next as AskAnswer | null
        if (part === null) {
            return
        }
        whole = whole === null ? part : {
            ...part,
            points: [...whole.points, ...part.points],
            isNumber: whole.isNumber && part.isNumber,
            firstTrue: whole.firstTrue ?? part.firstTrue,
            evaluated: whole.evaluated + part.evaluated
        }
        asked.value = whole
        from = part.next
    }
}

/** The time of a whole recording, with a margin. */
export function showAll(): void {
    const { value } = overview
    if (value.state === 'ready') {
        const margin = Math.max(1, (value.to - value.from) * 0.01)
        visible.value = [value.from - margin, value.to + margin]
    }
}

/** Zooms around an instant. */
export function zoom(factor: number, at?: number): void {
    const [from, to] = visible.value
    const centre = at ?? (step.value !== null && step.value.at >= from && step.value.at <= to
        ? step.value.at
        : (from + to) / 2)
    const span = Math.min(Math.max((to - from) * factor, 0.5), 400 * 86_400_000)
    const share = (centre - from) / (to - from)
    visible.value = [centre - share * span, centre + (1 - share) * span]
}

/** Moves the visible part by a share of its length. */
export function pan(share: number): void {
    const [from, to] = visible.value
    visible.value = [from + share * (to - from), to + share * (to - from)]
}

/** The time between two questions while the recordings are read, in milliseconds. */
const READING_MS = 200
const GROWING_MS = 1_000

/** Asks for the overview until the recordings are read. The chart shows the part that is read. */
export async function open(): Promise<void> {
    let isShown = false
    for (;;) {
        const answer = await ask<OverviewAnswer | ReadingAnswer | FailedAnswer>('overview')
        overview.value = answer
        const isReady = answer.state === 'ready'
        if (isReady && !isShown) {
            showAll()
        } else if (isReady) {
            refreshStep(answer)
            await readWindow()
        }
        isShown ||= isReady
        if (answer.state === 'failed' || (isReady && answer.reading === undefined)) {
            return
        }
        await new Promise((resolve) => {
            setTimeout(resolve, isReady ? GROWING_MS : READING_MS)
        })
    }
}

/** Lets the selected step know further inputs of its member. */
export function refreshStep({ lanes: all }: OverviewAnswer): void {
    const { value: current } = step
    const lane = all.find(({ member }) => member === current?.member)
    if (current !== null && lane !== undefined) {
        step.value = { ...current, first: lane.first, last: lane.last }
    }
}
