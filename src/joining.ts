import { randomBytes } from 'node:crypto'
import cadence from 'cadence'
import type { Cadenced } from 'cadence'
import type { Courier } from './courier.js'
import type { Door } from './door.js'
import { guardOutcome } from './guard/response.js'
import type { Properties, Republic } from './paxos/message.js'

/** Whom a newcomer asks, for what, and what it says of itself. */
interface Ask {
    readonly republic: Republic
    /** The properties of the member that is asked. */
    readonly leader: Properties
    readonly properties: Properties
}

/** Asks for admission to a republic, as one and the same newcomer however often it asks. */
export class Joining {
    readonly #door: Door
    readonly #courier: Courier

    constructor(door: Door, courier: Courier) {
        this.#door = door
        this.#courier = courier
    }

    /** Yields whether the request was taken; nothing where this member is admitted already. */
    readonly join: Cadenced<Joining, [Ask], [boolean]> = cadence(
        function (async, { republic, leader, properties }) {
            const { paxos } = this.#door
            this.#door.rejectClosed()
            if (paxos.government.promise !== '0/0') {
                return []
            }
            if (paxos.republic !== republic) {
                // The cookie is drawn once: an admission that was taken unheard is still ours.
                const drawn = randomBytes(8).toString('hex')
                this.#door.play('join', { republic, cookie: drawn })
            }
            const { id, cookie } = paxos
            const body = { republic, id, cookie: cookie ?? '', properties, hops: 0 }
            async(
                () => this.#courier.call('immigrate', leader, body, async()),
                (answer: unknown) => {
                    this.#door.rejectClosed()
                    const outcome = this.#courier.accept(guardOutcome(answer))
                    return [outcome?.enqueued ?? false]
                }
            )
            return []
        }
    )
}
