import { Guild } from './guild.js'
import type { Observation } from './log.js'
import type {
    Manner, MemberAnswer, MemberOrder, MemberOrdered, MemberReport
} from './orders.js'
import { Plain } from './plain.js'
import { observe, type Service } from './service.js'

function report(what: MemberReport): void {
    // A parent that is gone is heard of elsewhere.
    process.send?.(what, undefined, undefined, () => {})
}

/** A member's process: it obeys its parent, and tells all that its Kibitzer sees. */
class Member {
    readonly #service: Service
    #observations: Observation[] = []
    #role = ''

    constructor(id: string, address: string, manner: Manner) {
        this.#service = manner === 'guild'
            ? new Guild(id, address, ({ code }) => {
                report({ name: 'ended', code })
                this.stop()
            })
            : new Plain(id, address, manner === 'stale')
    }

    async start(): Promise<void> {
        this.#service.kibitzer.played.shifter().pump(() => this.#look())
        void this.#follow()
        await this.#service.start()
        report({ name: 'ready' })
    }

    /** Ends all that keeps the process alive; if it does not end then, something was left. */
    stop(): void {
        this.#service.stop()
        this.#flush()
        if (process.connected) {
            process.disconnect()
        }
    }

    async obey(order: MemberOrder): Promise<MemberAnswer> {
        switch (order.name) {
            case 'found':
                await this.#service.found()
                return { name: 'done' }
            case 'join':
                await this.#service.join(order.addresses)
                return { name: 'done' }
            case 'write':
                return { name: 'written', at: await this.#service.write(order.key, order.value) }
            case 'read':
                return { name: 'read', ...await this.#service.read(order.key) }
            case 'stop':
                this.stop()
                return { name: 'done' }
            default:
                return order satisfies never
        }
    }

    /** Tells of every entry of the log. */
    async #follow(): Promise<void> {
        for await (const entry of this.#service.kibitzer.entries()) {
            if (entry.method === 'government') {
                const { promise, majority, minority, constituents, naturalized } = entry.government
                const seats = { promise, majority, minority, constituents, naturalized }
                report({ name: 'governed', government: seats })
            }
            if (this.#observations.length === 0) {
                setImmediate(() => this.#flush())
            }
            this.#observations.push(observe(entry))
        }
    }

    #flush(): void {
        report({ name: 'seen', observations: this.#observations })
        this.#observations = []
    }

    /** Tells of each new role. Who was exiled is of no use any more, and ends. */
    #look(): void {
        const { role } = this.#service.kibitzer.paxos.inspect()
        if (role !== this.#role) {
            this.#role = role
            report({ name: 'role', role })
            if (role === 'exile') {
                report({ name: 'ended', code: 'exiled' })
                setImmediate(() => this.stop())
            }
        }
    }
}

const [id = '', address = '', manner = 'plain'] = process.argv.slice(2)
const member = new Member(id, address, manner as Manner)
process.on('message', ({ ticket, order }: MemberOrdered) => {
    member.obey(order).then(
        (answer) => report({ name: 'answer', ticket, answer }),
        (error: Error & { readonly code?: string }) => {
            const { code = 'none', message } = error
            report({ name: 'answer', ticket, answer: { name: 'failed', code, message } })
        }
    )
})
process.on('disconnect', () => member.stop())
await member.start()
