import type { Dispatch } from '../../src/publisher/islander-types.js'
import { Islander } from '../../src/publisher/islander.js'
import type { LogEntry } from '../../src/paxos/messages/messages.js'
import { governed } from '../paxos/leader.js'
import { drain } from '../support/alone.js'

/** An Islander and its outputs. */
export class Session {
    readonly islander = new Islander('0')
    readonly #dispatches = this.islander.outbox.shifter()

    /** A session whose Islander has seen its admission at `1/0`. */
    static admitted(): Session {
        const session = new Session()
        session.push(governed('1/0', { immigrate: { id: '0', properties: null, cookie: 0 } }))
        return session
    }

    publish(...bodies: readonly unknown[]): number[] {
        return bodies.map((body) => this.islander.publish(body))
    }

    push(...entries: readonly LogEntry[]): void {
        for (const entry of entries) {
            this.islander.push(entry)
        }
    }

    take(): readonly Dispatch[] {
        return drain(this.#dispatches)
    }

    /** The sent batches, in short: `1=a 2=b`, a flush as `3`. */
    said(): string[] {
        return this.take().map(({ messages }) => {
            return messages
                .map(({ cookie, body }) => body === null ? cookie : `${cookie}=${body}`)
                .join(' ')
        })
    }

    /** The settled tickets and their promises. */
    settled(): string[] {
        return this.islander.takeSettled().map(({ ticket, promise }) => `${ticket} at ${promise}`)
    }
}
