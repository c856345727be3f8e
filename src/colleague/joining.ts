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

/** The maximum number of addresses that are asked at the same time. */
const CALLS_MAX = 64

/** The progress of a newcomer's admission. */
export interface JoiningProgress {
    /** Number of questions to members so far. */
    readonly asked: number
    /** The reason for which the last member did not accept the newcomer; `null` before that. */
    readonly obstacle: string | null
}

/** Asks members for the admission of this member until the republic admits this member. */
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

    /** The progress; `null` while no admission is under way. */
    get progress(): JoiningProgress | null {
        return this.#progress
    }

    get #isAdmitted(): boolean {
        return this.#kibitzer.paxos.government.promise !== '0/0'
    }

    /**
     * Resolves once this member is admitted. If a member of another service or of another run
     * answers, rejects with `refused`. If the signal aborts, rejects with its reason.
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
                const round = await this.#askAll(republic, discover, properties, signal)
                republic = round.republic
                if (!this.#isAdmitted) {
                    // A member that accepts the request may still lose it. If the admission does
                    // not follow in time, the next round asks again.
                    await (round.isAccepted ? this.#waitForAdmission(signal) : backoff.wait(signal))
                }
            }
        } finally {
            this.#progress = null
        }
    }

    /** Waits for the admission, for at most one `timeout`. */
    async #waitForAdmission(signal: AbortSignal): Promise<void> {
        const { ping, timeout } = this.#settings
        for (let waitedMs = 0; waitedMs < timeout && !this.#isAdmitted; waitedMs += ping) {
            await pause(ping, signal)
        }
    }

    /**
     * Asks the found members in random order, until a member accepts the request. The next call
     * begins when an earlier call has ended, or after one `ping`. So a silent address delays the
     * round by one `ping` only, although an answer may take `outOfBandTimeout`.
     */
    async #askAll(
        islandId: Republic | null,
        discover: Discover,
        properties: Properties,
        signal: AbortSignal
    ): Promise<{ readonly isAccepted: boolean; readonly republic: Republic | null }> {
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
                        return { isAccepted: true, republic }
                    }
                    const { isTaken } = introduction
                    this.#reportObstacle(
                        isTaken ? 'another citizen still has this id' : 'no member accepts'
                    )
                }
            }
        } finally {
            over.abort()
        }
        signal.throwIfAborted()
        return { isAccepted: false, republic }
    }

    /** Calls `discover`. After `outOfBandTimeout`, or after an error, the list is empty. */
    async #discover(discover: Discover, signal: AbortSignal): Promise<readonly Properties[]> {
        try {
            const limitMs = this.#settings.outOfBandTimeout
            const late = () => discoveryTimedOut(limitMs)
            const value = await withinTimeLimit(() => discover(), [signal], limitMs, late)
            const found = readDiscovered(value)
            this.#reportObstacle(found.length === 0 ? 'no address was found' : null)
            return found
        } catch (error) {
            signal.throwIfAborted()
            this.#reportObstacle(`no address was found: ${messageOf(error)}`)
            return []
        }
    }

    /**
     * Asks a member for its republic. Returns `null` if the member does not answer or is not ready.
     * Throws `refused` if the member belongs to another service or to another run.
     */
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

/** The error of a member that has asked another service, or another run of its own service. */
export function otherService(islandName: string, islandId: Republic | null): KibitzError {
    const run = islandId === null ? '' : `, run ${islandId}`
    return new KibitzError(
        'refused',
        `The asked member does not belong to ${islandName}${run}: another service, or another ` +
            'run of the service, answers at that address. This member has joined no republic. ' +
            'Correct islandName, islandId or the addresses.'
    )
}
