import { type Farewell, Farewells } from './departure/farewells.js'
import { Incumbent } from './incumbent.js'
import { parliament, quorum } from './membership/government.js'
import type { Call } from './messages/mailbox.js'
import type { Answer, Government, GovernmentBody } from './messages/messages.js'

type Exile = NonNullable<GovernmentBody['exile']>

/** The floor of the engine that tells exiled members of their exile. */
export abstract class Notifier extends Incumbent {
    protected readonly farewells: Farewells = new Farewells()

    protected override governed(body: GovernmentBody, before: Government): void {
        super.governed(body, before)
        const isToldAlready = this.writer !== null && body.exile?.consent === this.writer.ballot
        if (body.exile !== null && !isToldAlready) {
            this.#farewell(body.exile, before)
        }
    }

    protected override feed(due: boolean, patient: boolean = true): void {
        super.feed(due, patient)
        this.#tellExiles()
    }

    /**
     * Sees to it that an exiled member hears of its exile. The writer tells a voter. The exile of
     * a member without a seat changes no parliament: whoever knows how far the member is tells at
     * once, because its representative may be dead.
     */
    #farewell({ id, promise, properties }: Exile, before: Government): void {
        const peer = this.peers.find(promise)
        if (peer?.id !== id) {
            return
        }
        const { promise: government } = this.government
        if (this.writer !== null && parliament(before).includes(id)) {
            this.farewells.add(peer, properties, government)
        } else if (
            peer.holds >= this.chain.first &&
            !parliament(before).includes(id) &&
            peer.silence(this.now) < this.settings.ping
        ) {
            this.#tellExile({ peer, properties, government, tellings: 0 })
        }
    }

    /** Tells the exiled members, by the rule in `farewell.ts`. */
    #tellExiles(): void {
        for (const farewell of this.farewells.due(this.now, this.settings.ping)) {
            const position = this.chain.positionOf(farewell.government)
            if (position === -1) {
                this.farewells.drop(farewell)
            } else if (this.#isKnownThrough(position)) {
                this.farewells.tell(farewell)
                this.#tellExile(farewell)
            }
        }
    }

    /** Whether a majority of the parliament knows that an entry is committed. */
    #isKnownThrough(position: number): boolean {
        const voters = parliament(this.government)
        const others = this.peersOf(voters).filter((peer) => peer.holds >= position)
        const own = voters.includes(this.id) ? 1 : 0
        return others.length + own >= quorum(voters.length)
    }

    #tellExile({ peer, properties, government }: Farewell): void {
        const { chain, settings: { feeding, window } } = this
        if (peer.calls >= window + 2) {
            return
        }
        // If it is not known how far the member is, a probe without entries asks for that.
        const isWithin = peer.holds >= chain.first
        const after = isWithin ? peer.holds : chain.committed
        const entries = isWithin ? chain.run(after, chain.positionOf(government), feeding.run) : []
        const previous = chain.promiseAt(after)
        const matter = { method: 'synchronize', welcome: null, previous, entries } as const
        this.send(peer, matter, after + entries.length, properties)
    }

    /** Takes the answer of a member that is no citizen any more. */
    protected hearExile(call: Call, answer: Answer | null): void {
        const farewell = this.farewells.find(call.immigrated)
        if (farewell !== undefined) {
            const { chain } = this
            const held = answer === null ? -1 : chain.positionOf(answer.committed)
            this.farewells.hear(farewell, answer, held, chain.positionOf(farewell.government))
        }
    }
}
