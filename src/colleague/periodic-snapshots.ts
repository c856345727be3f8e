import type { Kibitzer } from '../member/kibitzer.js'
import { MemberLogger } from '../base/member-logger.js'
import type { ColleagueSettings } from './options.js'
import type { StateMachine } from './state-machine.js'

/**
 * Lets the state of the application stand for what is behind it in this member's own journal, each
 * time that has grown by so much. Without a journal it does nothing.
 */
export class PeriodicSnapshots {
    readonly #logger: MemberLogger
    readonly #kibitzer: Pick<Kibitzer, 'paxos' | 'snapshot' | 'status'>
    readonly #stateMachine: Pick<StateMachine, 'isCurrent' | 'snapshot'>
    readonly #settings: ColleagueSettings
    /** How large the journal was when the last snapshot was in it, in bytes. */
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

    /** Takes a snapshot where one is due. Never rejects: a disk that fails is told by others. */
    async saveIfDue(): Promise<void> {
        const size = this.#kibitzer.status().journal?.size ?? 0
        const isDue = size - this.#sizeAtSnapshot >= this.#settings.snapshotEvery
        if (!isDue || this.#isSaving || !this.#stateMachine.isCurrent) {
            return
        }
        try {
            await this.save()
        } catch (error) {
            const { message } = error instanceof Error ? error : { message: String(error) }
            this.#logger.error('archive', { message })
        }
    }

    /**
     * Takes a snapshot of the state as it is, and hands it to the journal piece by piece. The size
     * of the state has no limit but the disk. Rejects with `UnreadState` if the application fails,
     * or as a Kibitzer's `snapshot` does.
     */
    async save(): Promise<void> {
        this.#isSaving = true
        try {
            // The memory of the engine is taken in the same turn as the state of the application.
            await this.#stateMachine.snapshot('journal', (promise, pieces) =>
                this.#kibitzer.snapshot(promise, pieces)
            )
        } finally {
            this.#isSaving = false
            // One that could not be taken is tried again when there is as much more.
            this.#sizeAtSnapshot = this.#kibitzer.status().journal?.size ?? 0
        }
    }
}
