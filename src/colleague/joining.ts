import { MemberLogger } from '../base/member-logger.js'
import type { Kibitzer } from '../member/kibitzer.js'
import type { Properties, Republic } from '../paxos/messages/messages.js'
import { RetryDelay, pause } from './backoff.js'
import { askContact, CONTACTS_MAX } from './contact-question.js'
import { type Discover, discoverWithin, messageOf } from './discovery.js'
import type { OutOfBandClient } from './out-of-band-client.js'
import type { ColleagueSettings } from './options.js'
import { INTRODUCE, type Introduction, read } from './out-of-band-messages.js'
import { runStaggeredUntil } from './staggered-tasks.js'

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
    #hasReportedTakenId = false

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
        const ask = (address: Properties, ended: AbortSignal): Promise<Introduction | null> =>
            this.#introduce(republic, address, ended)
        const stagger = { delayMs: this.#settings.ping, max: CONTACTS_MAX }
        const asked = runStaggeredUntil(found, ask, stagger, signal)
        for await (const { item: address, result: introduction } of asked) {
            signal.throwIfAborted()
            if (introduction !== null) {
                republic ??= introduction.islandId
                const joining = this.#kibitzer.join(republic, address, properties, { signal })
                if ((await joining) !== false) {
                    return { isAccepted: true, republic }
                }
                const { isTaken } = introduction
                if (isTaken) {
                    this.#reportTakenId()
                } else {
                    this.#reportObstacle('no member accepts')
                }
            }
        }
        signal.throwIfAborted()
        return { isAccepted: false, republic }
    }

    /** Calls `discover`. After `outOfBandTimeout`, or after an error, the list is empty. */
    async #discover(discover: Discover, signal: AbortSignal): Promise<readonly Properties[]> {
        try {
            const found = await discoverWithin(discover, this.#settings.outOfBandTimeout, signal)
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
        const post = Object.freeze({ id: colleagueId })
        const question = { islandName, islandId, name: INTRODUCE, post }
        const { reply, obstacle } = await askContact(
            this.#outOfBand, properties, question, signal
        )
        if (reply === null) {
            if (obstacle !== null) {
                this.#reportObstacle(obstacle)
            }
            return null
        }
        const introduction = read.introduction(reply.result)
        if (introduction === null) {
            this.#reportObstacle(`refused: ${reply.refusal ?? 'failed'}`)
        }
        return introduction
    }

    #shuffle(found: readonly Properties[]): readonly Properties[] {
        const { random } = this.#settings
        const ranked = found.map((properties) => ({ properties, rank: random() }))
        return ranked.sort((left, right) => left.rank - right.rank).map((one) => one.properties)
    }

    /** Another citizen has the id of this member. The log has one warning. */
    #reportTakenId(): void {
        const { colleagueId } = this.#settings
        const message = `another citizen still has the id ${colleagueId}: if two members run `
            + 'under this id, stop one, and give it a colleagueId of its own. If this member has '
            + 'lost its disk, no action is needed: the admission follows the exile of its '
            + 'former incarnation'
        this.#reportObstacle(message)
        if (!this.#hasReportedTakenId) {
            this.#hasReportedTakenId = true
            this.#logger.warn('mistake', { message })
        }
    }

    #reportObstacle(obstacle: string | null): void {
        this.#progress = { asked: this.#progress?.asked ?? 0, obstacle }
        if (obstacle !== null) {
            this.#logger.info('admission', { ...this.#progress })
        }
    }
}
