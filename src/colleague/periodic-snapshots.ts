import type { Kibitzer } from '../member/kibitzer.js'
import { MemberLogger } from '../base/member-logger.js'
import type { ColleagueSettings } from './options.js'
import type { StateMachine } from './state-machine.js'

/**
 * Replaces the records of this member's journal by a snapshot of the state, each time the journal
 * has grown by `snapshotEvery` bytes, as if no inputs were folded: a recovery replays all inputs.
 * Does nothing if the member has no journal.
 */
export class PeriodicSnapshots {
    readonly #logger: MemberLogger
    readonly #kibitzer: Pick<Kibitzer, 'paxos' | 'snapshot' | 'status'>
    readonly #stateMachine: Pick<StateMachine, 'isCurrent' | 'snapshot'>
    readonly #settings: ColleagueSettings
    /** The size of the journal without folds, after the last attempt for a snapshot, in bytes. */
    #sizeAtSnapshot = 0
    #isSaving = false

    constructor(
        kibitzer: Pick<Kibitzer, 'paxos' | 'snapshot' | 'status'>,
        stateMachine: Pick<StateMachine, 'isCurrent' | 'snapshot'>,
        settings: ColleagueSettings
    ) {
        this.#logger = new MemberLogger('kibitz/colleague', () => kibitzer.paxos)
        this.#kibitzer = kibitzer
        this.#stateMachine = stateMachine
        this.#settings = settings
    }

    /** Takes a snapshot if one is due. Logs a failure, and never rejects. */
    async saveIfDue(): Promise<void> {
        const isDue = this.#size() - this.#sizeAtSnapshot >= this.#settings.snapshotEvery
        if (!isDue || this.#isSaving || !this.#stateMachine.isCurrent) {
            return
        }
        try {
            await this.save()
        } catch (error) {
            const { message } = error instanceof Error ? error : { message: String(error) }
            this.#logger.error('periodicSnapshot', { message })
        }
    }

    /**
     * Takes a snapshot of the state, and writes it to the journal piece by piece. Only the disk
     * limits the size of the state. Rejects with `UnreadState` if the application fails, or like
     * `snapshot` of a Kibitzer.
     */
    async save(): Promise<void> {
        this.#isSaving = true
        try {
            // The Kibitzer saves the engine's state in the same turn as the application's state.
            await this.#stateMachine.snapshot('journal', (promise, pieces) =>
                this.#kibitzer.snapshot(promise, pieces)
            )
        } finally {
            this.#isSaving = false
            // After a failure, the next attempt also waits for `snapshotEvery` further bytes.
            this.#sizeAtSnapshot = this.#size()
        }
    }

    /** The size of the journal without folds. */
    #size(): number {
        const { journal, foldedSize } = this.#kibitzer.status()
        return (journal?.size ?? 0) + foldedSize
    }
}
