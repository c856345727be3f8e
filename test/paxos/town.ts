import assert from 'node:assert/strict'
import { type Member, Wire } from './wire.js'

/** The properties of a member of a town. */
export interface Place {
    readonly at: string
}

/** A wire on which a request reaches the member that lives at the called address, if any. */
export class Town {
    readonly wire: Wire
    readonly members: readonly Member[]
    readonly #homes = new Map<string, string>()
    /** Addresses that no request reaches. */
    readonly closed = new Set<string>()

    constructor(ids: readonly string[], patience = 20_000, version = 2) {
        const seats = { parliamentSize: ids.length < 5 ? 3 : 5, highestVersion: version }
        this.wire = new Wire({ ping: 100, timeout: 1000, patience, ...seats })
        this.wire.route = (message) => this.#inhabitant((message.properties as Place).at) ?? ''
        this.wire.delay = ({ properties, answer }) => {
            const { at } = properties as Place
            const isOpen = this.#inhabitant(at) !== null && !this.closed.has(at)
            return answer !== undefined || isOpen ? 1 : null
        }
        for (const id of ids) {
            this.#homes.set(id, id)
        }
        this.wire.version = version
        this.members = this.wire.settle(...ids)
    }

    #inhabitant(at: string): string | null {
        return [...this.#homes].find(([, home]) => home === at)?.[0] ?? null
    }

    /** Restarts a member at another address. The member does not report the move. */
    settle({ id, paxos }: Member, at: string): void {
        this.#homes.set(id, at)
        paxos.revive(this.wire.now)
    }

    /** Restarts a member at another address. */
    move(member: Member, at: string): void {
        this.settle(member, at)
        assert.equal(member.paxos.move(this.wire.now, { at }), 'moving')
    }

    /** Whether the log of every member holds these addresses. */
    isKnown(addresses: Readonly<Record<string, string>>): boolean {
        return this.members.every(({ paxos: { government, isMoving } }) =>
            !isMoving && Object.entries(addresses).every(([id, at]) =>
                (government.properties[id] as Place | undefined)?.at === at))
    }
}

/** The governments in the log of a member that give a member other properties. */
export function movesIn({ log }: Member): readonly [string, number][] {
    return log.flatMap(({ body }) =>
        'majority' in body && body.move !== undefined ? [[body.move.id, body.move.number]] : [])
}

/** The ids of the exiles in the log of a member. */
export function exilesIn({ log }: Member): readonly string[] {
    return log.flatMap(({ body }) =>
        'majority' in body && body.exile !== null ? [body.exile.id] : [])
}
