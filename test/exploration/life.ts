import type { Dispatch, Message } from '../../src/publisher/islander-types.js'
import type { Islander } from '../../src/publisher/islander.js'
import type { Communique } from '../../src/paxos/messages/mailbox.js'
import type { LogEntry, Request, Response } from '../../src/paxos/messages/messages.js'
import type { PaxosOptions } from '../../src/paxos/options.js'
import type { Paxos } from '../../src/paxos/paxos.js'
import type { Outcomes } from '../../src/member/apply-input.js'
import type { Inputs, Played } from '../../src/member/inputs.js'
import type { Scheduler } from './calendar.js'
import type { Core } from './copy.js'
import type Queue from './queue.js'
import { freeze } from './walk.js'

/** What a member asks another, as it goes over the wire. */
export type Call = {
    readonly to: string
    readonly cookie: string
} & (
    | { readonly method: 'receive', readonly body: Request }
    | { readonly method: 'enqueue', readonly body: Inputs['enqueue'] }
)

/** What became of one input. */
export interface Aftermath {
    readonly outcome: unknown
    readonly calls: readonly Call[]
    readonly enacted: readonly LogEntry[]
    /** The tickets that were settled. */
    readonly settled: readonly number[]
}

/** The republic that is explored. */
export const REPUBLIC = 'republic'

/** How an engine reckons, in milliseconds. */
const TIMES = { ping: 250, timeout: 1000 }

function take<T>(queue: unknown): T[] {
    return (queue as Queue).items.splice(0) as T[]
}

/**
 * One process: an engine, an Islander and a clock, wired as the Door and the Courier wire them.
 * It stands still but for `play`, and can be cloned between any two inputs.
 */
export class Life {
    readonly paxos: Paxos
    readonly islander: Islander
    /** Stands still but for the appointments that are kept. */
    clock: number
    /** How often the process has ended and returned. */
    restarts = 0

    constructor(core: Core, id: string, now: number, options: PaxosOptions) {
        this.paxos = new core.Paxos(now, null, id, { ...TIMES, ...options })
        this.islander = new core.Islander(id)
        this.clock = now
    }

    get id(): string {
        return this.paxos.id
    }

    /** What is in its calendar, by key. */
    get appointments(): Scheduler['appointments'] {
        return (this.paxos.scheduler as unknown as Scheduler).appointments
    }
}

/** Plays one input into a life, as the Door does. */
function play<Method extends keyof Inputs>(
    core: Core, life: Life, method: Method, body: Inputs[Method], after: Made
): unknown {
    const { paxos, islander } = life
    const wasPaused = islander.isPaused
    const played = { module: 'kibitz', method, when: life.clock, body } as Played
    const outcome = core.apply(paxos, islander, played)
    for (const entry of take<LogEntry>(paxos.log)) {
        freeze(entry)
        islander.push(entry)
        after.enacted.push(entry)
    }
    core.scheduleRetry(paxos, islander, life.clock, wasPaused)
    after.settled.push(...islander.takeSettled().map(({ ticket }) => ticket))
    return outcome
}

interface Made {
    readonly calls: Call[]
    readonly enacted: LogEntry[]
    readonly settled: number[]
}

/** The input that tells what a leader did with a batch. */
function receiptOf(cookie: string, taken: Outcomes['enqueue']): Inputs['published'] {
    return taken === 'gap'
        ? { cookie, promises: null, refused: 'gap' }
        : { cookie, promises: taken }
}

/** Lets a batch leave; what goes to oneself is played at once, as the Courier does. */
function dispatch(core: Core, life: Life, { cookie, messages }: Dispatch, after: Made): void {
    const { government, id } = life.paxos
    const to = government.majority[0] ?? id
    const entries: readonly Message[] = messages
    const body = freeze({ republic: REPUBLIC, entries })
    if (to === id) {
        const taken = play(core, life, 'enqueue', body, after) as Outcomes['enqueue']
        play(core, life, 'published', receiptOf(cookie, taken), after)
    } else {
        after.calls.push({ to, cookie, method: 'enqueue', body })
    }
}

function pump(core: Core, life: Life, after: Made): void {
    for (;;) {
        for (const { cookie, envelopes } of take<Communique>(life.paxos.outbox)) {
            for (const { to, request } of envelopes) {
                after.calls.push({ to, cookie, method: 'receive', body: freeze(request) })
            }
        }
        const dispatches = take<Dispatch>(life.islander.outbox)
        if (dispatches.length === 0) {
            return
        }
        for (const each of dispatches) {
            dispatch(core, life, each, after)
        }
    }
}

/** Gives a life one input and takes all that follows from it. */
export function live<Method extends keyof Inputs>(
    core: Core, life: Life, method: Method, body: Inputs[Method]
): Aftermath {
    const after: Made = { calls: [], enacted: [], settled: [] }
    const outcome = freeze(play(core, life, method, freeze(body), after))
    pump(core, life, after)
    return { outcome, ...after }
}

/** Keeps an appointment: the life's own clock goes on to when it is due. */
export function keep(core: Core, life: Life, key: string): Aftermath {
    const due = life.appointments.get(key)
    if (due === undefined) {
        throw new Error(`${life.id} has no appointment ${key}`)
    }
    const { when, body } = due
    life.clock = Math.max(life.clock, when)
    life.paxos.scheduler.unschedule(key)
    return live(core, life, 'event', {
        module: 'happenstance', method: 'event', now: life.clock, key, when, body
    })
}

/** Continues as a new process, with the records of the disk. */
export function restart(core: Core, life: Life): Aftermath {
    life.restarts++
    return live(core, life, 'revive', { disk: true })
}

/** Brings the answer of the disk that a leader waits for. */
export function stable(core: Core, life: Life): Aftermath {
    const { awaited } = life.paxos.disk
    if (awaited === null) {
        throw new Error(`${life.id} waits for no disk`)
    }
    return live(core, life, 'stable', awaited)
}

/** Brings the answer to a call, or that there is none. */
export function answer(core: Core, life: Life, call: Call, outcome: unknown): Aftermath {
    const { cookie } = call
    if (call.method === 'receive') {
        const responses = { [call.to]: outcome as Response | null }
        return live(core, life, 'sent', { cookie, responses })
    }
    return live(core, life, 'published', receiptOf(cookie, outcome as Outcomes['enqueue']))
}
