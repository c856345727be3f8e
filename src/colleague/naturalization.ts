import { onAbort } from '../base/abort-signal.js'
import type { Kibitzer } from '../member/kibitzer.js'
import { MemberLogger } from '../base/member-logger.js'
import type { PeriodicSnapshots } from './periodic-snapshots.js'
import { RetryDelay } from './backoff.js'
import type { ColleagueSettings } from './options.js'

/** The longest pause after a failed snapshot for the journal, in timeouts. */
const PAUSE_TIMEOUTS = 60

/**
 * The last steps of an admission: this member stores the received state in its journal, and then
 * declares that it may hold a seat. Every start continues at the missing step.
 *
 * 1. A member with a journal does not naturalize before the journal contains the state. Otherwise
 *    a voter could restart without a state.
 * 2. If the snapshot fails, the application continues, `health()` shows the reason, and this class
 *    repeats the snapshot after a pause.
 */
export class Naturalization {
    /** Resolves when this member has naturalized. Rejects when the Colleague ends. */
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
            onAbort(signal, () => reject(signal.reason))
        })
        this.done.catch(() => {})
    }

    /** Whether the journal lacks the state that the application has received from a member. */
    get isSnapshotMissing(): boolean {
        return this.#isSnapshotMissing
    }

    /** Called when the application has received a state. Without a journal, naturalizes at once. */
    requireSnapshot(): void {
        if (this.#kibitzer.status().journal === null) {
            this.naturalize()
        } else {
            this.#isSnapshotMissing = true
        }
    }

    /** Called when the journal can take the state: stores the state, and then naturalizes. */
    storeSnapshot(): void {
        this.#isSnapshotMissing = false
        this.#saveUntilStored().then(
            () => this.naturalize(),
            () => {}
        )
    }

    /** Declares that this member may hold a seat, unless the government already says so. */
    naturalize(): void {
        const { id, paxos } = this.#kibitzer
        if (!paxos.government.naturalized.includes(id) && !paxos.exiled) {
            this.#kibitzer.naturalize()
        }
        this.#resolveDone()
    }

    /** Resolves when the journal contains the state. Rejects when the Colleague ends. */
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
