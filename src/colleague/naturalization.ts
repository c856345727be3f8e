import type { Kibitzer } from '../member/kibitzer.js'
import { MemberLogger } from '../base/member-logger.js'
import type { PeriodicSnapshots } from './periodic-snapshots.js'
import { RetryDelay } from './backoff.js'
import type { ColleagueSettings } from './options.js'

/** By how many timeouts a snapshot for the journal is put off at most after it has failed. */
const PAUSE_TIMEOUTS = 60

/**
 * The last steps of an admission: the state of another member goes into this member's own journal,
 * and then this member says that it may hold a seat. Every start continues at the step that is
 * missing.
 *
 * 1. With a journal, this member does not naturalize before the journal holds its state: otherwise
 *    a voter could come back without a state.
 * 2. If the snapshot fails, the application goes on, `health()` says why, and the snapshot is tried
 *    again after a pause.
 */
export class Naturalization {
    /** Resolves when this member has said that it may hold a seat. */
    readonly done: Promise<void>
    readonly #logger: MemberLogger
    readonly #kibitzer: Pick<Kibitzer, 'id' | 'naturalize' | 'paxos' | 'status'>
    readonly #periodicSnapshots: Pick<PeriodicSnapshots, 'save'>
    readonly #settings: ColleagueSettings
    readonly #signal: AbortSignal
    #resolveDone: () => void = () => {}
    #isSnapshotMissing = false

    /** @param signal Aborted when the Colleague ends. */
    constructor(
        kibitzer: Pick<Kibitzer, 'id' | 'naturalize' | 'paxos' | 'status'>,
        periodicSnapshots: Pick<PeriodicSnapshots, 'save'>,
        settings: ColleagueSettings,
        signal: AbortSignal
    ) {
        this.#logger = new MemberLogger('kibitz/colleague', () => kibitzer.paxos)
        this.#kibitzer = kibitzer
        this.#periodicSnapshots = periodicSnapshots
        this.#settings = settings
        this.#signal = signal
        this.done = new Promise((resolve, reject) => {
            this.#resolveDone = resolve
            signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        })
        this.done.catch(() => {})
    }

    /** Whether the journal lacks a state that the application has taken over from a member. */
    get isSnapshotMissing(): boolean {
        return this.#isSnapshotMissing
    }

    /** The application has taken over the state of another member. */
    requireSnapshot(): void {
        if (this.#kibitzer.status().journal === null) {
            this.naturalize()
        } else {
            this.#isSnapshotMissing = true
        }
    }

    /** The own log has reached the state: the journal can take it. */
    storeSnapshot(): void {
        this.#isSnapshotMissing = false
        this.#saveUntilStored().then(
            () => this.naturalize(),
            () => {}
        )
    }

    /** Says that this member may hold a seat, unless the government says so already. */
    naturalize(): void {
        const { id, paxos } = this.#kibitzer
        if (!paxos.government.naturalized.includes(id) && !paxos.exiled) {
            this.#kibitzer.naturalize()
        }
        this.#resolveDone()
    }

    /** Resolves when the journal holds the state. Rejects when the Colleague ends. */
    async #saveUntilStored(): Promise<void> {
        const { timeout, random } = this.#settings
        const backoff = new RetryDelay(timeout, PAUSE_TIMEOUTS * timeout, random)
        for (;;) {
            try {
                await this.#periodicSnapshots.save()
                return
            } catch (error) {
                this.#signal.throwIfAborted()
                const { message } = error instanceof Error ? error : { message: String(error) }
                this.#logger.warn('naturalization', { step: 'snapshot', message })
            }
            await backoff.wait(this.#signal)
        }
    }
}
