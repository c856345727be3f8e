import { isDeepStrictEqual } from 'node:util'
import type { KeptState, Recovered } from '../member/member-journal.js'
import type { Kibitzer } from '../member/kibitzer.js'
import { misuse } from '../base/errors.js'
import { own } from '../base/own-property.js'
import type { Properties } from '../paxos/messages/messages.js'
import type { Recovering } from './log-follower.js'

/** What follows the log with the application. */
interface Follower {
    follow(recovering: Recovering | null): Promise<void>
}

/** Brings a member back from its journal: the engine first, then the application. */
export class ColleagueRecovery {
    readonly #kibitzer: Pick<Kibitzer, 'id' | 'paxos' | 'recover'>
    readonly #follower: Follower
    readonly #fail: (error: Error) => void
    readonly #keptState: Promise<KeptState | null>
    #resolveKeptState: (kept: KeptState | null) => void = () => {}
    #recovered: Recovered | null = null

    /** @param fail Is told why the application cannot follow the log any more. */
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

    /** Whether it is a member of a republic, and need neither found one nor join one. */
    get isMember(): boolean {
        return this.#recovered?.recovered === true && !this.#recovered.exiled
    }

    /** Brings the engine back, once. Rejects with a code of the journal. */
    async recover(): Promise<void> {
        if (this.#recovered === null) {
            // The application reads along from the first entry that the journal brings.
            this.#follower.follow(this.#keptState).catch(this.#fail)
            this.#recovered = await this.#kibitzer.recover()
        }
    }

    /**
     * Lets the application go on from the state that was kept.
     *
     * @throws KibitzError `invalid-argument` where the others know this member by other properties.
     */
    resume(properties: Properties): void {
        const { id, paxos } = this.#kibitzer
        const known = own(paxos.government.properties, id)
        if (this.isMember && !isDeepStrictEqual(known, properties)) {
            misuse(
                'invalid-argument',
                `${id} has come back under another address, or with other properties, than its ` +
                    'republic knows. Nobody could reach it, so it does not go on; its journal ' +
                    'is as it was. Listen on the port it had, or clear the journal and join.'
            )
        }
        this.#resolveKeptState(this.#recovered?.snapshot ?? null)
    }
}
