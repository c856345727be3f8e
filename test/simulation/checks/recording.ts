import { Clock } from '../../../src/clock.js'
import { Door } from '../../../src/door.js'
import type { Played } from '../../../src/played.js'
import { drain } from '../../support/alone.js'
import type { Options } from '../plan.js'
import { readTape } from '../tape.js'
import { demand } from '../violation.js'

interface Queues {
    readonly played: { shift(): Played | null }
    readonly outputs: readonly { shift(): unknown }[]
}

function queuesOf({ played, log, paxos, islander }: Door): Queues {
    const outputs = [log.shifter(), paxos.outbox.shifter(), islander.outbox.shifter()]
    return { played: played.shifter(), outputs }
}

function forbidden(): number {
    throw new Error('A replay has read a clock.')
}

/** All that one process took in and put out; a replay of the one gives the other: S8. */
export class Recording {
    readonly #id: string
    readonly #options: Options
    readonly #queues: Queues
    readonly #played: string[] = []
    readonly #outputs: string[][] = [[], [], []]

    constructor(id: string, options: Options, door: Door) {
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
        const door = new Door(settings, clock, () => {})
        isBorn = true
        const { outputs } = queuesOf(door)
        for (const played of this.#played) {
            door.replay(readTape(played))
        }
        outputs.forEach((queue, index) => {
            const replayed = drain(queue as { shift(): object | null })
                .map((output) => JSON.stringify(output))
            const first = replayed.findIndex((text, at) => text !== this.#outputs[index]?.[at])
            demand(replayed.join() === this.#outputs[index]?.join(), 'S8', () =>
                `${this.#id} replays queue ${index} with ${replayed.length} instead of ` +
                `${this.#outputs[index]?.length} items, item ${first} as ${replayed[first]} ` +
                `instead of ${this.#outputs[index]?.[first]}`)
        })
    }
}
