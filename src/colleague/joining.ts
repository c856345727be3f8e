import { setMaxListeners } from 'node:events'
import { KibitzError } from '../base/errors.js'
import { MemberLogger } from '../base/member-logger.js'
import type { Kibitzer } from '../member/kibitzer.js'
import type { Properties, Republic } from '../paxos/messages/messages.js'
import { RetryDelay, pause } from './backoff.js'
import { type Discover, discoveryTimedOut, messageOf, readDiscovered } from './discovery.js'
import type { OutOfBandClient } from './out-of-band-client.js'
import type { ColleagueSettings } from './options.js'
import { INTRODUCE, type Introduction, read } from './out-of-band-messages.js'
import { withinTimeLimit } from './time-limit.js'
import { runStaggered } from './staggered-tasks.js'

/** How many addresses are asked at a time, at most. */
const CALLS_MAX = 64

/** What a newcomer has done to be admitted, and what stands in its way. */
export interface JoiningProgress {
    /** How many members it has asked. */
    readonly asked: number
    /** Why the last one did not admit it; `null` before that. */
    readonly obstacle: string | null
}

/** Asks for admission until it is given, or refused for good. */
export class Joining {
    readonly #logger: MemberLogger
    readonly #kibitzer: Pick<Kibitzer, 'join' | 'paxos'>
    readonly #outOfBand: OutOfBandClient
    readonly #settings: ColleagueSettings
    #progress: JoiningProgress | null = null

    constructor(
        kibitzer: Pick<Kibitzer, 'join' | 'paxos'>,
        outOfBand: OutOfBandClient,
        settings: ColleagueSettings
    ) {
        this.#logger = new MemberLogger('kibitz/colleague', () => kibitzer.paxos)
        this.#kibitzer = kibitzer
        this.#outOfBand = outOfBand
        this.#settings = settings
    }

    /** What it does; `null` while it asks for nothing. */
    get progress(): JoiningProgress | null {
        return this.#progress
    }

    get #isAdmitted(): boolean {
        return this.#kibitzer.paxos.government.promise !== '0/0'
    }

    /**
     * Resolves once this member is admitted. Rejects with `refused` where it asks at the wrong
     * republic or the wrong service, or with why the signal aborted.
     */
    async run(
        islandId: Republic | null,
        discover: Discover,
        properties: Properties,
        signal: AbortSignal
    ): Promise<void> {
        const { ping, timeout, random } = this.#settings
        const backoff = new RetryDelay(ping, 4 * timeout, random)
        this.#progress = { asked: 0, obstacle: null }
        try {
            for (let republic = islandId; !this.#isAdmitted; ) {
                const wasTaken = await this.#askAll(republic, discover, properties, signal)
                republic = wasTaken.republic
                if (!this.#isAdmitted) {
                    // Taken is not done: whether it was done shows when it is asked for again.
                    await (wasTaken.isTaken ? this.#waitForAdmission(signal) : backoff.wait(signal))
                }
            }
        } finally {
            this.#progress = null
        }
    }

    /** Waits for the admission, no longer than it should take. */
    async #waitForAdmission(signal: AbortSignal): Promise<void> {
        const { ping, timeout } = this.#settings
        for (let waitedMs = 0; waitedMs < timeout && !this.#isAdmitted; waitedMs += ping) {
            await pause(ping, signal)
        }
    }

    /**
     * Asks all who are found, in an order of chance, until one takes the request. The next address
     * is asked when the one before has failed, or has been silent for a `ping`: silent addresses
     * cost a `ping` each, whatever an answer may take.
     */
    async #askAll(
        islandId: Republic | null,
        discover: Discover,
        properties: Properties,
        signal: AbortSignal
    ): Promise<{ readonly isTaken: boolean; readonly republic: Republic | null }> {
        let republic = islandId
        const found = this.#shuffle(await this.#discover(discover, signal))
        const over = new AbortController()
        const ended = AbortSignal.any([signal, over.signal])
        setMaxListeners(2 * CALLS_MAX, ended)
        const ask = (address: Properties): Promise<Introduction | null> =>
            this.#introduce(republic, address, ended)
        try {
            for await (const { item: address, result: introduction } of runStaggered(found, ask, {
                delayMs: this.#settings.ping,
                max: CALLS_MAX
            })) {
                signal.throwIfAborted()
                if (introduction !== null) {
                    republic ??= introduction.islandId
                    const joining = this.#kibitzer.join(republic, address, properties, { signal })
                    if ((await joining) !== false) {
                        return { isTaken: true, republic }
                    }
                    const { isTaken } = introduction
                    this.#reportObstacle(isTaken ? 'its id is still a citizen’s' : 'not taken')
                }
            }
        } finally {
            over.abort()
        }
        signal.throwIfAborted()
        return { isTaken: false, republic }
    }

    /** Asks for addresses, for no longer than an answer may take. */
    async #discover(discover: Discover, signal: AbortSignal): Promise<readonly Properties[]> {
        try {
            const limitMs = this.#settings.outOfBandTimeout
            const late = () => discoveryTimedOut(limitMs)
            const value = await withinTimeLimit(() => discover(), [signal], limitMs, late)
            const found = readDiscovered(value)
            this.#reportObstacle(found.length === 0 ? 'nobody was found' : null)
            return found
        } catch (error) {
            signal.throwIfAborted()
            this.#reportObstacle(`nobody was found: ${messageOf(error)}`)
            return []
        }
    }

    /** Asks a member which republic it is of; `null` where it is no use now. */
    async #introduce(
        islandId: Republic | null,
        properties: Properties,
        signal: AbortSignal
    ): Promise<Introduction | null> {
        const { islandName, colleagueId } = this.#settings
        this.#progress = { asked: (this.#progress?.asked ?? 0) + 1, obstacle: null }
        try {
            const post = Object.freeze({ id: colleagueId })
            const question = { islandName, islandId, name: INTRODUCE, post }
            const reply = await this.#outOfBand.ask({ id: null, properties }, question, signal)
            if (reply.refusal === 'other-island') {
                throw otherService(islandName, islandId)
            }
            const introduction = read.introduction(reply.result)
            if (introduction === null) {
                this.#reportObstacle(`refused: ${reply.refusal ?? 'failed'}`)
            }
            return introduction
        } catch (error) {
            if (signal.aborted) {
                return null
            }
            if (error instanceof KibitzError && error.code === 'unreachable') {
                this.#reportObstacle(error.message)
                return null
            }
            throw error
        }
    }

    #shuffle(found: readonly Properties[]): readonly Properties[] {
        const { random } = this.#settings
        const ranked = found.map((properties) => ({ properties, rank: random() }))
        return ranked.sort((left, right) => left.rank - right.rank).map((one) => one.properties)
    }

    #reportObstacle(obstacle: string | null): void {
        this.#progress = { asked: this.#progress?.asked ?? 0, obstacle }
        if (obstacle !== null) {
            this.#logger.info('admission', { ...this.#progress })
        }
    }
}

function otherService(islandName: string, islandId: Republic | null): KibitzError {
    const run = islandId === null ? '' : `, run ${islandId}`
    return new KibitzError(
        'refused',
        `The member that was asked for admission is not of ${islandName}${run}: another service, ` +
            'or another run of it, is at that address. Nothing was joined; correct islandName, ' +
            'islandId or the addresses.'
    )
}
