import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import type { Shifter } from 'procession'
import { FileJournal } from '../../journal/file-journal.js'
import { Kibitzer } from '../../member/kibitzer.js'
import type { LogEntry } from '../../paxos/messages/messages.js'
import { connectHttp, handler } from '../../transport/http/http.js'
import { type Kept, type KeptGovernment, Ledger, type LedgerLine } from './ledger.js'

/** What a member's process is told to do. */
export type MemberCommand =
    | { readonly name: 'found'; readonly republic: string }
    | { readonly name: 'join'; readonly republic: string; readonly urls: readonly string[] }
    | { readonly name: 'publish'; readonly line: LedgerLine }
    | { readonly name: 'find'; readonly numbers: readonly number[] }
    | { readonly name: 'barrier' }

/** What it answers, by the name of the order. */
export interface Answers {
    readonly found: null
    readonly join: null
    /** The line is in the log. */
    readonly publish: null
    readonly find: readonly number[]
    /** The promise of an entry behind everything that was in the log before. */
    readonly barrier: string
}

/** An order on its way; its answer carries the ticket back. */
export interface Ordered {
    readonly ticket: number
    readonly order: MemberCommand
}

/** What a member's process reports. */
export type Report =
    | { readonly name: 'ready'; readonly url: string; readonly records: number }
    | {
        readonly name: 'answer'
        readonly ticket: number
        readonly answer: Answers[MemberCommand['name']]
    }
    | { readonly name: 'failure'; readonly ticket: number; readonly message: string }
    | { readonly name: 'government'; readonly government: KeptGovernment }

/** How long one who was not admitted waits before it asks again, in milliseconds. */
const ASK_AGAIN_MS = 250

/** How long one that was killed may take to come back from its journal, in milliseconds. */
const PATIENCE_MS = 10_000

/** How long another member may take to hand over its state, in milliseconds. */
const STATE_MS = 10_000

/** Takes the state as of an entry from whoever has it; it has to come from somebody. */
async function fetchState(through: LogEntry, properties: readonly unknown[]): Promise<Kept[]> {
    const failures: unknown[] = []
    for (const { url } of properties as readonly { readonly url: string }[]) {
        try {
            const response = await fetch(new URL(`/log?through=${through.promise}`, url), {
                signal: AbortSignal.timeout(STATE_MS)
            })
            return (await response.json()) as Kept[]
        } catch (error) {
            failures.push(error)
        }
    }
    throw new AggregateError(failures, 'No member handed over its state.')
}

/** What a cursor brings, until its queue ends. It is held for as long as it takes. */
async function* take(cursor: Shifter<LogEntry>): AsyncGenerator<LogEntry> {
    for (;;) {
        const ready = cursor.shift()
        const entry = ready ?? (await new Promise<LogEntry | null>((resolve) => {
            cursor.dequeue((_error, next) => resolve(next))
        }))
        if (entry === null) {
            return
        }
        yield entry
    }
}

/** A service with a Kibitzer inside: its own server, its own state, one route for the Kibitzer. */
class Member {
    readonly #kibitzer: Kibitzer
    readonly #ledger = new Ledger()
    readonly #isDurable: boolean
    readonly #server = createServer((request, response) => this.#serve(request, response))
    readonly #handle: (request: IncomingMessage, response: ServerResponse) => void
    readonly #report: (report: Report) => void
    #url = ''

    constructor(id: string, folder: string | null, report: (report: Report) => void) {
        const durable = folder === null
            ? {}
            : { journal: new FileJournal(folder), patience: PATIENCE_MS }
        this.#kibitzer = new Kibitzer({ id, ...durable })
        this.#isDurable = folder !== null
        this.#handle = handler(this.#kibitzer)
        this.#report = report
    }

    /** @param port Where it was reached before; 0 where it was not there before. */
    async start(port: number): Promise<void> {
        connectHttp(this.#kibitzer)
        const cursor = this.#kibitzer.log.shifter()
        const recovered = this.#isDurable ? await this.#kibitzer.recover() : null
        const state = recovered?.snapshot?.state ?? null
        if (state !== null) {
            this.#ledger.restore((await json(state)) as readonly Kept[])
            // Saying it twice is as good as once; perhaps it never came to say it.
            this.#kibitzer.naturalize()
        }
        void this.#follow(cursor, state === null)
        this.#server.listen(port, '127.0.0.1', () => {
            const { port: own } = this.#server.address() as AddressInfo
            this.#url = `http://127.0.0.1:${own}/kibitz`
            this.#kibitzer.listen()
            this.#report({ name: 'ready', url: this.#url, records: recovered?.records ?? 0 })
        })
    }

    stop(): void {
        this.#kibitzer.destroy()
        this.#server.close()
        this.#server.closeAllConnections()
    }

    async obey(order: MemberCommand): Promise<Answers[MemberCommand['name']]> {
        switch (order.name) {
            case 'found':
                this.#kibitzer.bootstrap(order.republic, { url: this.#url })
                return null
            case 'join':
                await this.#join(order.republic, order.urls)
                return null
            case 'publish':
                await this.#kibitzer.publish(order.line)
                return null
            case 'find':
                return this.#ledger.find(order.numbers)
            case 'barrier':
                return (await this.#kibitzer.barrier()).promise
            default:
                return order satisfies never
        }
    }

    /** Asks one member after the other until it is admitted. */
    async #join(republic: string, urls: readonly string[]): Promise<void> {
        for (let asked = 0; ; asked++) {
            const url = urls[asked % urls.length]
            const taken = await this.#kibitzer.join(republic, { url }, { url: this.#url })
            if (taken === undefined) {
                return
            }
            // Taken is not done: whether it was done shows when it is asked for again.
            await pause(ASK_AGAIN_MS)
        }
    }

    /**
     * Applies the log to the state. The log of a newcomer begins with the entry that admits it, so
     * it takes the state as of that entry from another member, and says when it has it: once it is
     * in the journal too, since the log alone would not bring it back.
     */
    async #follow(cursor: Shifter<LogEntry>, mayLackState: boolean): Promise<void> {
        let lacksState = mayLackState
        for await (const entry of take(cursor)) {
            if (lacksState && entry.method === 'government' && entry.promise !== '1/0') {
                const { majority, minority, properties } = entry.government
                const holders = [...majority, ...minority].map((id) => properties[id])
                const state = await fetchState(entry, holders)
                this.#ledger.restore(state)
                if (this.#isDurable) {
                    const bytes = Buffer.from(JSON.stringify(state))
                    await this.#kibitzer.snapshot(entry.promise, bytes)
                }
                this.#kibitzer.naturalize()
                lacksState = false
                continue
            }
            lacksState = false
            const kept = this.#ledger.apply(entry)
            if (kept.kind === 'government') {
                this.#report({ name: 'government', government: kept })
            }
        }
    }

    #serve(request: IncomingMessage, response: ServerResponse): void {
        const { pathname, searchParams } = new URL(request.url ?? '/', this.#url)
        if (pathname === '/kibitz') {
            this.#handle(request, response)
        } else if (pathname === '/log') {
            void this.#ledger.through(searchParams.get('through') ?? '0/0').then((kept) => {
                response.end(JSON.stringify(kept))
            })
        } else {
            response.writeHead(404).end()
        }
    }
}

/** Runs one member in this process, for the process that has started it; it ends with that. */
export function serveMember([id = '', port = '0', folder]: readonly string[]): void {
    const send = (report: Report): void => {
        // A parent that is gone is heard of elsewhere.
        process.send?.(report, undefined, undefined, () => {})
    }
    const member = new Member(id, folder ?? null, send)
    process.on('message', ({ ticket, order }: Ordered) => {
        member.obey(order).then(
            (answer) => send({ name: 'answer', ticket, answer }),
            (error: Error) => send({ name: 'failure', ticket, message: error.message })
        )
    })
    process.on('disconnect', () => member.stop())
    // Ctrl-C reaches every process of a terminal. The parent decides what follows.
    process.on('SIGINT', () => {})
    void member.start(Number(port))
}
