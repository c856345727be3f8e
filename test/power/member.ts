import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { buffer } from 'node:stream/consumers'
import { FileJournal } from '../../src/journal/file-journal.js'
import { FileSystem } from '../../src/journal/filesystem.js'
import { Kibitzer } from '../../src/member/kibitzer.js'
import { Monotonic } from '../../src/base/monotonic.js'
import type { LogEntry } from '../../src/paxos/messages/messages.js'
import { listenTcp } from '../../src/transport/tcp/tcp.js'
import { Hasty } from './hasty.js'
import { type Line, Register } from './register.js'
import type { Said, Told } from './words.js'
import '../support/silence.js'

/** How many publishes of a member are under way at once. */
const WINDOW = 8

/** Longer than any wait of this test: a killed member is not exiled. */
const PATIENCE_MS = 600_000

/** What a process that cannot go on ends with. */
const FAILED = 3

type Go = Extract<Told, { readonly go: unknown }>['go']

function say(said: Said): void {
    // What a process has written into a pipe stays there when it is killed.
    writeSync(1, `${JSON.stringify(said)}\n`)
}

/** Whether the member was told to end. Its publishes are rejected, and its journal is closed. */
let isEnding = false

function exit(error: unknown): never {
    const { code = 'none', message = '' } = error as { code?: string, message?: string }
    say({ ended: code, message })
    process.exit(FAILED)
}

function end(error: unknown): void {
    if (!isEnding) {
        exit(error)
    }
}

/** A member's process: it comes back from its folder, publishes, and says what becomes of it. */
class Member {
    readonly #id: string
    readonly #port: number
    readonly #kibitzer: Kibitzer
    readonly #stride: number
    readonly #register = new Register(say)
    #isPublishing = false
    #isDue = false
    #isTaking = false
    #published = 0

    constructor({ id, port, folder, isHasty, pace }: Go) {
        this.#stride = pace.stride
        this.#id = id
        this.#port = port
        const disk = isHasty ? new Hasty() : new FileSystem()
        const { segmentSize } = pace
        const journal = new FileJournal(folder, { disk, segmentSize })
        this.#kibitzer = new Kibitzer({
            id, ping: 60, timeout: 300, patience: PATIENCE_MS, journal
        })
    }

    async start(): Promise<void> {
        const kibitzer = this.#kibitzer
        const log = kibitzer.log.shifter()
        const { recovered, records, snapshot } = await kibitzer.recover()
        if (snapshot !== null) {
            this.#register.restore(snapshot.promise, await buffer(snapshot.state))
        }
        const back = recovered ? kibitzer.paxos.immigrated : null
        say({ back, records, isSnapshot: snapshot !== null })
        log.pump((entry) => {
            if (entry !== null) {
                this.#apply(entry)
            }
        })
        await listenTcp(kibitzer, { port: this.#port })
        kibitzer.listen().then(() => process.exit(0), exit)
        if (recovered) {
            // Saying it twice is as good as once; perhaps it never came to say it.
            kibitzer.naturalize()
        }
    }

    async enter(through: string | null): Promise<void> {
        const properties = { url: `tcp://127.0.0.1:${this.#port}` }
        if (through === null) {
            this.#kibitzer.bootstrap('republic', properties)
        } else {
            const embassy = { url: through }
            while (await this.#kibitzer.join('republic', embassy, properties) === false) {
                // It is asked again at once; each answer takes a round trip.
            }
        }
        await this.#kibitzer.barrier()
        this.#kibitzer.naturalize()
        say({ entered: this.#kibitzer.paxos.immigrated })
    }

    /** Says what is in the log when all is that was acknowledged before. */
    async level(): Promise<void> {
        const { promise } = await this.#kibitzer.barrier()
        while (Monotonic.compare(this.#register.promise, promise) < 0) {
            await this.#register.grown()
        }
        say({ level: this.#register.tally, immigrated: this.#kibitzer.paxos.immigrated })
    }

    /** Publishes on from where it was, until it is told to cease. */
    async publish(): Promise<void> {
        await this.level()
        this.#published = this.#register.tally.lasts[this.#id] ?? 0
        this.#isPublishing = true
        await Promise.all(Array.from({ length: WINDOW }, () => this.#press()))
        say({ ceased: true })
    }

    cease(): void {
        this.#isPublishing = false
    }

    end(): void {
        isEnding = true
        this.#kibitzer.destroy()
    }

    async #press(): Promise<void> {
        while (this.#isPublishing) {
            const n = ++this.#published
            const line: Line = { by: this.#id, n, text: 'x'.repeat((n * 37) % 400) }
            await this.#kibitzer.publish(line)
            say({ acked: n })
        }
    }

    #apply(entry: LogEntry): void {
        if (entry.method === 'government') {
            const { promise, majority } = entry.government
            say({ governed: promise, majority })
        }
        const isValue = this.#register.apply(entry)
        if (isValue && this.#register.tally.count % this.#stride === 0) {
            this.#isDue = true
        }
        if (this.#isDue && !this.#isTaking) {
            this.#snapshot().catch(end)
        }
    }

    async #snapshot(): Promise<void> {
        const { promise, tally } = this.#register
        this.#isDue = false
        this.#isTaking = true
        try {
            await this.#kibitzer.snapshot(promise, Buffer.from(JSON.stringify(tally)))
            say({ snapshot: promise })
        } catch (error) {
            if ((error as { code?: string }).code !== 'trimmed') {
                throw error
            }
            // Who catches up is told of entries that everybody has, and the engine does without.
            this.#isDue = true
        } finally {
            this.#isTaking = false
        }
    }
}

let member: Member | null = null

async function obey(told: Told): Promise<void> {
    if ('go' in told) {
        member = new Member(told.go)
        await member.start()
    } else if (member === null) {
        throw new Error('There is no member yet.')
    } else if ('enter' in told) {
        await member.enter(told.enter)
    } else {
        await member[told.do]()
    }
}

say({ ready: true })
for await (const line of createInterface({ input: process.stdin })) {
    obey(JSON.parse(line) as Told).catch(end)
}
// Whoever started it is gone.
process.exit(FAILED)
