import cadence from 'cadence'
import type { Cadenced } from 'cadence'
import { KibitzError } from '../base/errors.js'
import type { Kibitzer } from '../member/kibitzer.js'
import type { Named } from '../base/member-logger.js'
import type { Government } from '../paxos/messages/messages.js'
import type { OutOfBandServer } from './out-of-band-server.js'
import { type OutOfBandClient, refusedError } from './out-of-band-client.js'
import { passResult } from '../base/callbacks.js'
import type { Reply } from './out-of-band-messages.js'

/** Sends out-of-band questions to the members of the current government, and to this member. */
export class MemberRequests {
    readonly #islandName: string
    readonly #kibitzer: Pick<Kibitzer, 'id' | 'paxos'>
    readonly #outOfBand: OutOfBandClient
    readonly #outOfBandServer: () => OutOfBandServer

    /** @param outOfBandServer Answers the questions that this member asks itself. */
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

    /** The identity of this member for log lines. */
    get member(): Named {
        return this.#kibitzer.paxos
    }

    /** The current government. */
    get government(): Government {
        return this.#kibitzer.paxos.government
    }

    /** Distinguishes this founding of the republic from other foundings of the same name. */
    get founding(): string {
        return this.#kibitzer.paxos.founding
    }

    /** Whether the transport carries answers as bytes. */
    get carriesBytes(): boolean {
        return this.#outOfBand.carriesBytes
    }

    /**
     * Resolves with the answer of a member. If `id` is `null`, or if the member does not answer
     * within `outOfBandTimeout`, rejects with `unreachable`.
     */
    async ask(
        id: string | null,
        name: string,
        post: unknown,
        signal?: AbortSignal
    ): Promise<Reply> {
        const { paxos } = this.#kibitzer
        const { republic: islandId } = paxos
        if (id === null) {
            const what = `There is no leader to answer ${name}. Ask again later.`
            throw new KibitzError('unreachable', what)
        }
        const question = { islandName: this.#islandName, islandId, name, post }
        return id === this.#kibitzer.id
            ? await this.#outOfBand.askSelf({ ...question, colleagueId: id }, (own) =>
                  this.#outOfBandServer().answer(own)
              )
            : await this.#outOfBand.ask(
                  { id, properties: paxos.addressOf(id) },
                  question,
                  signal
              )
    }

    /** Yields the answer of the leader. A refusal becomes an error. */
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
