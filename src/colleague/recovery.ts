import { isDeepStrictEqual } from 'node:util'
import type { KeptState, Recovered } from '../member/recover-options.js'
import type { Kibitzer } from '../member/kibitzer.js'
import { misuse } from '../base/errors.js'
import { own } from '../base/own-property.js'
import type { Properties } from '../paxos/messages/messages.js'
import type { Recovering } from './log-follower.js'

/** The part of the LogFollower that the recovery starts. */
interface Follower {
    follow(recovering: Recovering | null): Promise<void>
}

/** Restores a member from its journal: first the engine, then the application. */
export class ColleagueRecovery {
    readonly #kibitzer: Pick<Kibitzer, 'id' | 'paxos' | 'recover'>
    readonly #follower: Follower
    readonly #fail: (error: Error) => void
    readonly #keptState: Promise<KeptState | null>
    #resolveKeptState: (kept: KeptState | null) => void = () => {}
    #recovered: Recovered | null = null

    /** @param fail Receives the error if the application can no longer follow the log. */
    constructor(
        kibitzer: Pick<Kibitzer, 'id' | 'paxos' | 'recover'>,
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
     * Lets the application restore the snapshot in the journal, and apply the entries after it.
     *
     * @throws KibitzError `invalid-argument` if the republic knows this member by other properties.
     */
    resume(properties: Properties): void {
        const { id, paxos } = this.#kibitzer
        const known = own(paxos.government.properties, id)
        if (this.isMember && !isDeepStrictEqual(known, properties)) {
            misuse(
                'invalid-argument',
                `${id} has restarted with another address or other properties than its republic ` +
                    'knows, so no other member could reach it. The member does not start; its ' +
                    'journal is unchanged. Listen on the former port, or remove the journal and ' +
                    'join as a newcomer.'
            )
        }
        this.#resolveKeptState(this.#recovered?.snapshot ?? null)
    }
}
