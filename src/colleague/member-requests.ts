import cadence from 'cadence'
import type { Cadenced } from 'cadence'
import { KibitzError } from '../base/errors.js'
import type { Kibitzer } from '../member/kibitzer.js'
import type { Named } from '../base/member-logger.js'
import { own } from '../base/own-property.js'
import type { Government } from '../paxos/messages/messages.js'
import type { OutOfBandServer } from './out-of-band-server.js'
import { type OutOfBandClient, refusedError } from './out-of-band-client.js'
import { passResult } from '../base/callbacks.js'
import type { Reply } from './out-of-band-messages.js'

/** Asks the members of the government in force, and this one too. */
export class MemberRequests {
    readonly #islandName: string
    readonly #kibitzer: Pick<Kibitzer, 'id' | 'paxos'>
    readonly #outOfBand: OutOfBandClient
    readonly #outOfBandServer: () => OutOfBandServer

    /** @param embassy Answers where this member is to ask itself. */
    constructor(
        islandName: string,
        kibitzer: Pick<Kibitzer, 'id' | 'paxos'>,
        outOfBand: OutOfBandClient,
        outOfBandServer: () => OutOfBandServer
    ) {
        this.#islandName = islandName
        this.#kibitzer = kibitzer
        this.#outOfBand = outOfBand
        this.#outOfBandServer = outOfBandServer
    }

    /** The member itself, as log lines name it. */
    get member(): Named {
        return this.#kibitzer.paxos
    }

    /** The government in force. */
    get government(): Government {
        return this.#kibitzer.paxos.government
    }

    /** Tells this founding of the republic from others of the same name. */
    get founding(): string {
        return this.#kibitzer.paxos.founding
    }

    /** Whether the transport carries answers as bytes. */
    get carriesBytes(): boolean {
        return this.#outOfBand.carriesBytes
    }

    /**
     * Resolves with what a member answers. Rejects with `unreachable` if the member, or this one,
     * does not answer in time.
     */
    async ask(
        id: string | null,
        name: string,
        post: unknown,
        signal?: AbortSignal
    ): Promise<Reply> {
        const { government, republic: islandId } = this.#kibitzer.paxos
        if (id === null) {
            const what = `Nobody leads who could answer ${name}. Ask again later.`
            throw new KibitzError('unreachable', what)
        }
        const question = { islandName: this.#islandName, islandId, name, post }
        return id === this.#kibitzer.id
            ? await this.#outOfBand.askSelf({ ...question, colleagueId: id }, (own) =>
                  this.#outOfBandServer().answer(own)
              )
            : await this.#outOfBand.ask(
                  { id, properties: own(government.properties, id) },
                  question,
                  signal
              )
    }

    /** Yields what whoever leads answers. */
    readonly askLeader: Cadenced<MemberRequests, [string, unknown], [unknown]> = cadence(
        function (async, name: string, post: unknown) {
            const leader = this.#kibitzer.paxos.government.majority[0] ?? null
            async(
                () => passResult(this.ask(leader, name, post), async()),
                (reply: Reply) => {
                    if (reply.refusal !== undefined) {
                        throw refusedError(name, leader, reply.refusal)
                    }
                    return [reply.result]
                }
            )
            return []
        }
    )
}
