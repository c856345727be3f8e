import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import type { Shifter } from 'procession'
import { FileJournal } from '../../journal/file-journal.js'
import { Kibitzer } from '../../member/kibitzer.js'
import type { LogEntry } from '../../paxos/messages/messages.js'
import { connectHttp, handler } from '../../transport/http/http.js'
import { type LedgerEntry, type LedgerGovernment, Ledger, type LedgerLine } from './ledger.js'

/** A command from the parent to the process of a member. */
export type MemberCommand =
    | { readonly name: 'found'; readonly republic: string }
    | { readonly name: 'join'; readonly republic: string; readonly urls: readonly string[] }
    | { readonly name: 'publish'; readonly line: LedgerLine }
    | { readonly name: 'find'; readonly numbers: readonly number[] }
    | { readonly name: 'barrier' }

/** The answers, by the name of the command. */
export interface Answers {
    readonly found: null
    readonly join: null
    /** Comes after the line is in the log. */
    readonly publish: null
    readonly find: readonly number[]
    /** The promise of an entry after every entry that was committed before the command. */
    readonly barrier: string
}

/** A command with its number. The answer repeats the number. */
export interface TicketedCommand {
    readonly ticket: number
    readonly command: MemberCommand
}

/** A report from the process of a member to the parent. */
export type Report =
    | { readonly name: 'ready'; readonly url: string; readonly records: number }
    | {
        readonly name: 'answer'
        readonly ticket: number
        readonly answer: Answers[MemberCommand['name']]
    }
    | { readonly name: 'failure'; readonly ticket: number; readonly message: string }
    | { readonly name: 'government'; readonly government: LedgerGovernment }

/** The pause of a newcomer between two requests for admission, in milliseconds. */
const JOIN_PAUSE_MS = 250

/**
 * The option `patience` of a member with a journal: the time for a restart, in milliseconds. The
 * demo shows the exile of the killed leader, so the parliament may shrink.
 */
const PATIENCE_MS = 10_000

/** The time limit for the answer with the state of another member, in milliseconds. */
const STATE_LIMIT_MS = 10_000

/** Fetches the state through an entry: asks one member after the other. */
async function fetchState(
    through: LogEntry, properties: readonly unknown[]
): Promise<LedgerEntry[]> {
    const failures: unknown[] = []
    for (const { url } of properties as readonly { readonly url: string }[]) {
        try {
            const response = await fetch(new URL(`/log?through=${through.promise}`, url), {
                signal: AbortSignal.timeout(STATE_LIMIT_MS)
            })
            return (await response.json()) as LedgerEntry[]
        } catch (error) {
            failures.push(error)
        }
    }
    throw new AggregateError(failures, 'No member has sent its state.')
}

/** The entries of a cursor, until its queue ends. */
async function* entriesOf(cursor: Shifter<LogEntry>): AsyncGenerator<LogEntry> {
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

/** A service that contains a Kibitzer: a state, and a server with one route for the Kibitzer. */
class DemoMember {
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
            : { journal: new FileJournal(folder), patience: PATIENCE_MS, parliamentFloor: 1 }
        this.#kibitzer = new Kibitzer({ id, ...durable, logger: false })
        this.#isDurable = folder !== null
        this.#handle = handler(this.#kibitzer)
        this.#report = report
    }

    /** @param port The former port of the member; 0 at the first start. */
    async start(port: number): Promise<void> {
        connectHttp(this.#kibitzer)
        const cursor = this.#kibitzer.log.shifter()
        const recovered = this.#isDurable ? await this.#kibitzer.recover() : null
        const state = recovered?.snapshot?.state ?? null
        if (state !== null) {
            this.#ledger.restore((await json(state)) as readonly LedgerEntry[])
            // The member may have stopped before this call. A second call changes nothing.
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

    async run(command: MemberCommand): Promise<Answers[MemberCommand['name']]> {
        switch (command.name) {
            case 'found':
                this.#kibitzer.bootstrap(command.republic, { url: this.#url })
                return null
            case 'join':
                await this.#join(command.republic, command.urls)
                return null
            case 'publish':
                await this.#kibitzer.publish(command.line)
                return null
            case 'find':
                return this.#ledger.find(command.numbers)
            case 'barrier':
                return (await this.#kibitzer.barrier()).promise
            default:
                return command satisfies never
        }
    }

    /** Asks one member after the other, until the republic admits this member. */
    async #join(republic: string, urls: readonly string[]): Promise<void> {
        for (let asked = 0; ; asked++) {
            const url = urls[asked % urls.length]
            const taken = await this.#kibitzer.join(republic, { url }, { url: this.#url })
            if (taken === undefined) {
                return
            }
            // A member that accepts the request may still lose it. The next request shows the
            // admission: `join` then returns `undefined`.
            await pause(JOIN_PAUSE_MS)
        }
    }

    /**
     * Applies the log to the state. The log of a newcomer begins with the entry that admits the
     * newcomer. So the newcomer fetches the state through that entry from another member, and
     * naturalizes afterwards. With a journal, the state goes into the journal first: the journal's
     * log alone could not restore the state.
     */
    async #follow(cursor: Shifter<LogEntry>, mayLackState: boolean): Promise<void> {
        let lacksState = mayLackState
        for await (const entry of entriesOf(cursor)) {
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
            const applied = this.#ledger.apply(entry)
            if (applied.kind === 'government') {
                this.#report({ name: 'government', government: applied })
            }
        }
    }

    #serve(request: IncomingMessage, response: ServerResponse): void {
        const { pathname, searchParams } = new URL(request.url ?? '/', this.#url)
        if (pathname === '/kibitz') {
            this.#handle(request, response)
        } else if (pathname === '/log') {
            void this.#ledger.through(searchParams.get('through') ?? '0/0').then((entries) => {
                response.end(JSON.stringify(entries))
            })
        } else {
            response.writeHead(404).end()
        }
    }
}

/** Runs one member in this process. If the parent process ends, the member stops. */
export function serveMember([id = '', port = '0', folder]: readonly string[]): void {
    const send = (report: Report): void => {
        // The `disconnect` event reports the end of the parent; an error here adds nothing.
        process.send?.(report, undefined, undefined, () => {})
    }
    const member = new DemoMember(id, folder ?? null, send)
    process.on('message', ({ ticket, command }: TicketedCommand) => {
        member.run(command).then(
            (answer) => send({ name: 'answer', ticket, answer }),
            (error: Error) => send({ name: 'failure', ticket, message: error.message })
        )
    })
    process.on('disconnect', () => member.stop())
    // Ctrl-C reaches every process of a terminal. Only the parent reacts.
    process.on('SIGINT', () => {})
    void member.start(Number(port))
}
