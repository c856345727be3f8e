import type { Monotonic } from '../base/monotonic.js'
import { constituency } from './membership/government.js'
import { Member } from './member.js'
import type { ResponseHeader } from './messages/messages.js'

/** The floor of the engine that says with each answer how things stand here and downstream. */
export abstract class Reporter extends Member {
    /**
     * An answer: what every answer says, and the rest. Assigned, not spread: an object literal that
     * goes on behind a spread costs the engine of the language forty times as much.
     */
    protected answer<const Rest extends object>(rest: Rest): ResponseHeader & Rest {
        const header: ResponseHeader = {
            from: this.citizenship.incarnation,
            government: this.government.promise,
            committed: this.committed,
            ballot: this.acceptance.promised,
            minimum: this.minimum.reduce(this.committed),
            naturalizing: [...this.naturalizing],
            silent: this.#silent()
        }
        return this.leaving.size === 0
            ? Object.assign(header, rest)
            : Object.assign(header, { leaving: [...this.leaving] }, rest)
    }

    /** Who downstream does not answer, by this member's own word or by others'. */
    #silent(): readonly Monotonic[] {
        const { ping, timeout } = this.settings
        const silent = [...this.hearsay.recent(this.now, timeout)]
        for (const id of constituency(this.government, this.id)) {
            const peer = this.peerOf(id)
            const isSilent = peer !== null && peer.silence(this.now) >= 2 * ping
            if (isSilent && !silent.includes(peer.immigrated)) {
                silent.push(peer.immigrated)
            }
        }
        return silent
    }
}
