import type { KeptState, Recovered } from '../member/recover-options.js'
import type { Kibitzer } from '../member/kibitzer.js'
import type { Properties } from '../paxos/messages/messages.js'
import type { Recovering } from './log-follower.js'
import { moveTo } from './own-properties.js'

/** The part of the LogFollower that the recovery starts. */
interface Follower {
    follow(recovering: Recovering | null): Promise<void>
}

/** Restores a member from its journal: first the engine, then the application. */
export class ColleagueRecovery {
    readonly #kibitzer: Pick<Kibitzer, 'move' | 'paxos' | 'recover'>
    readonly #follower: Follower
    readonly #fail: (error: Error) => void
    readonly #keptState: Promise<KeptState | null>
    #resolveKeptState: (kept: KeptState | null) => void = () => {}
    #recovered: Recovered | null = null

    /** @param fail Receives the error if the application can no longer follow the log. */
    constructor(
        kibitzer: Pick<Kibitzer, 'move' | 'paxos' | 'recover'>,
        follower: Follower,
        fail: (error: Error) => void
    ) {
        this.#kibitzer = kibitzer
        this.#follower = follower
        this.#fail = fail
        this.#keptState = new Promise((resolve) => {
            this.#resolveKeptState = resolve
        })
    }

    /** Whether the journal has restored a membership. Then the member neither founds nor joins. */
    get isMember(): boolean {
        return this.#recovered?.recovered === true && !this.#recovered.exiled
    }

    /** Restores the engine; a second call does nothing. Rejects with a code of the journal. */
    async recover(): Promise<void> {
        if (this.#recovered === null) {
            // The application starts to read before the journal delivers the first entry.
            this.#follower.follow(this.#keptState).catch(this.#fail)
            this.#recovered = await this.#kibitzer.recover()
        }
    }

    /**
     * Lets the application restore the snapshot in the journal, and apply the entries after it. If
     * the republic knows the member by other properties, the member moves.
     *
     * @throws KibitzError `unsupported`, `too-large`.
     */
    resume(properties: Properties): void {
        if (this.isMember) {
            // The end of the wait does not matter here: `start` waits for the move again.
            void moveTo(this.#kibitzer, properties)
        }
        this.#resolveKeptState(this.#recovered?.snapshot ?? null)
    }
}
