import { Clock } from '../../../src/base/clock.js'
import { Player } from '../../../src/member/player.js'
import type { Played } from '../../../src/member/inputs.js'
import { drain } from '../../support/alone.js'
import { Twin } from '../../support/twin.js'
import type { Options } from '../plan.js'
import { readTape } from '../tape.js'
import { demand } from '../violation.js'

interface Queues {
    readonly played: { shift(): Played | null }
    readonly outputs: readonly { shift(): unknown }[]
}

function queuesOf({ played, log, paxos, islander }: Player): Queues {
    const outputs = [log.shifter(), paxos.outbox.shifter(), islander.outbox.shifter()]
    return { played: played.shifter(), outputs }
}

function forbidden(): number {
    throw new Error('A replay has read a clock.')
}

/** How often somebody goes on from what is written in the course of one replay. */
const RESTORATIONS = 3

/**
 * All that one process took in and put out; a replay of the one gives the other, even by several
 * who go on from each other by what is written of them: S8.
 */
export class Recording {
    readonly #id: string
    readonly #options: Options
    readonly #queues: Queues
    readonly #played: string[] = []
    readonly #outputs: string[][] = [[], [], []]

    constructor(id: string, options: Options, door: Player) {
        this.#id = id
        this.#options = options
        this.#queues = queuesOf(door)
    }

    /** What it took in, as text. */
    get played(): readonly string[] {
        this.take()
        return this.#played
    }

    /** Takes what there is new. */
    take(): void {
        for (const played of drain(this.#queues.played)) {
            this.#played.push(JSON.stringify(played))
        }
        this.#queues.outputs.forEach((queue, index) => {
            for (const output of drain(queue as { shift(): object | null })) {
                this.#outputs[index]?.push(JSON.stringify(output))
            }
        })
    }

    /** Replays it into a fresh Door that has no clock to read. */
    check(): void {
        this.take()
        let isBorn = false
        // The constructor reads the clock once, for the instant of birth; nobody may afterwards.
        const clock = new Clock({ now: () => (isBorn ? forbidden() : 0) })
        const limits = { publishes: 100_000, publishesSize: 2 ** 26, publishSize: 2 ** 18 }
        const settings = { ...this.#options, ...limits, id: this.#id }
        const door = new Player(settings, clock, () => {})
        isBorn = true
        const { outputs } = queuesOf(door)
        for (const played of this.#played) {
            door.replay(readTape(played))
        }
        outputs.forEach((queue, index) => {
            const replayed = drain(queue as { shift(): object | null })
            this.#compare(replayed.map((output) => JSON.stringify(output)), index, 'replays')
        })
        this.#checkRestored()
    }

    /** Replays it into an engine and an Islander that others replace on the way. */
    #checkRestored(): void {
        let twin = Twin.fresh(this.#id, this.#options)
        const outputs: string[][] = [[], [], []]
        const every = Math.ceil(this.#played.length / (RESTORATIONS + 1))
        for (const [index, played] of this.#played.entries()) {
            const { log, communiques, dispatches } = twin.play(readTape(played))
            for (const [queue, items] of [log, communiques, dispatches].entries()) {
                outputs[queue]?.push(...items)
            }
            if ((index + 1) % every === 0) {
                twin = Twin.restore(twin.written)
            }
        }
        outputs.forEach((output, index) => {
            this.#compare(output, index, 'restored, replays')
        })
    }

    #compare(replayed: readonly string[], index: number, how: string): void {
        const recorded = this.#outputs[index] ?? []
        const first = replayed.findIndex((text, at) => text !== recorded[at])
        demand(first === -1 && replayed.length === recorded.length, 'S8', () =>
            `${this.#id} ${how} queue ${index} with ${replayed.length} instead of ` +
            `${recorded.length} items, item ${first} as ${replayed[first]} ` +
            `instead of ${recorded[first]}`)
    }
}
