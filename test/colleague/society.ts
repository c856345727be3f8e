import assert from 'node:assert/strict'
import { type Government, type KibitzError, Monotonic } from '../../src/index.js'
import { MemoryStore } from '../../src/journal/memory-journal.js'
import { parliament } from '../../src/paxos/membership/government.js'
import type { Dice } from '../simulation/dice.js'
import type { Fortune } from './fortune.js'
import { Journals, type Living, type Member, type Resident, SEGMENT_SIZE } from './members.js'
import { SlowLedger } from './slow.js'
import { Town } from './town.js'

const PING_MS = 100

/** The `timeout` of all members, in milliseconds of the town. */
export const TIMEOUT_MS = 400

/** For how many timeouts a member keeps its seat while it is away, if some have journals. */
const PATIENCE = 60

/** For how long something may take that has to happen, in milliseconds of the town. */
const LIMIT_MS = 120_000

/** The hour at which a town begins, in milliseconds since the epoch. */
const DAWN = Date.UTC(2020, 0, 1)

/** The processes of a life: how they begin, join, stray, end and come back. */
export class Society implements AsyncDisposable {
    readonly town: Town
    readonly members = new Map<string, Member>()
    /** What has happened, for whoever looks for the cause of a failure. */
    readonly events: string[] = []
    readonly counts = { joins: 0, returns: 0, departures: 0, restorations: 0 }
    /** The first failure that no fault explains. */
    failure: Error | null = null
    readonly #fortune: Fortune
    readonly #journals: Journals
    #government = '0/0'
    #names = 0
    #cut: { readonly from: string, readonly to: string, readonly until: number } | null = null

    constructor(fortune: Fortune, dice: Dice) {
        this.#fortune = fortune
        const { parliamentSize, history, source, snapshotEvery, chunkSize, keeping } = fortune
        const patience = TIMEOUT_MS * (keeping === 'none' ? 2 : PATIENCE)
        this.town = new Town({
            ping: PING_MS, timeout: TIMEOUT_MS, patience, parliamentSize, source, snapshotEvery,
            chunkSize, ...(history === null ? {} : { history })
        })
        this.#journals = new Journals(dice)
        this.town.quiesce = () => this.#journals.settled()
        this.town.isCut = (from, to) => this.#cut?.from === from && this.#cut.to === to
    }

    /** The members that are not away. */
    get living(): readonly Living[] {
        return [...this.members.values()].filter((one): one is Living => one.resident !== null)
    }

    /** Those of them that have joined and have not asked to leave. */
    get settled(): readonly Living[] {
        return this.living.filter(({ isJoining, isLeaving }) => !isJoining && !isLeaving)
    }

    /** How large a journal may be once a snapshot stands for what is behind it. */
    get journalMax(): number {
        return 2 * this.#fortune.snapshotEvery + 4 * SEGMENT_SIZE
    }

    /** Notes what has happened. */
    say(what: string): void {
        this.events.push(`${Date.now() - DAWN} ${what}`)
    }

    /** Founds the republic. */
    async found(): Promise<void> {
        const founder = await this.#begin(this.#name())
        this.#enter(founder, founder.resident.colleague.bootstrap({ islandId: 'run' }))
        await this.until('the founder follows its log', () => !founder.isJoining)
    }

    /** A member of a new name begins to join. */
    async admit(): Promise<Member> {
        const member = await this.#begin(this.#name())
        this.#join(member)
        return member
    }

    /** A process begins with what an earlier one of its name has left. */
    async comeBack(member: Member): Promise<void> {
        this.counts.returns++
        member.strayedAt = Date.now()
        this.#join(await this.#begin(member))
    }

    #name(): Member {
        const { keeping } = this.#fortune
        const id = `m${this.#names++}`
        const member: Member = {
            id, store: this.#journals.store(id, keeping), resident: null, disk: null,
            isJoining: false, isLeaving: false, strayedAt: Number.NEGATIVE_INFINITY
        }
        this.members.set(id, member)
        return member
    }

    async #begin(member: Member): Promise<Living> {
        const journal = this.#journals.of(member)
        this.say(`${member.id} begins${journal === null ? '' : ' with a journal'}`)
        const application = new SlowLedger(this.#fortune, (ms) => this.town.later(ms))
        const housed = this.town.house(member.id, application, {
            ...(journal === null ? {} : { journal })
        })
        member.resident = await this.town.during(housed)
        return member as Living
    }

    #join(member: Living): void {
        const through = (): { at: string }[] =>
            this.living.filter(({ id }) => id !== member.id).map(({ id }) => ({ at: id }))
        this.#enter(member, member.resident.colleague.join({ through }))
    }

    #enter(member: Living, entering: Promise<unknown>): void {
        const { resident } = member
        member.isJoining = true
        this.counts.joins++
        entering.then(() => {
            this.say(`${member.id} has joined`)
            if (member.resident === resident) {
                member.isJoining = false
            }
        }, (error: KibitzError) => this.blame(member, resident, 'could not join', error))
    }

    /** Notes an error of a living member, unless a fault explains the error. */
    blame(member: Member, resident: Resident, what: string, error: KibitzError): void {
        if (member.resident === resident && !this.#isExplained(member, error)) {
            this.failure ??= new Error(`${member.id} ${what}`, { cause: error })
        }
    }

    /** Whether a member that was cut off, away or leaving was exiled, which is right then. */
    #isExplained({ strayedAt, isLeaving, resident }: Member, { code }: KibitzError): boolean {
        const isExiled = code === 'exiled' || resident?.colleague.failure?.code === 'exiled'
        return isExiled && (isLeaving || Date.now() - strayedAt < 20 * TIMEOUT_MS)
    }

    /** A process ends without a word: nothing of it that is not flushed remains. */
    async end(member: Member): Promise<void> {
        const { resident, store, disk } = member
        if (resident === null) {
            return
        }
        this.say(`${member.id} ends`)
        member.resident = null
        resident.application.isOver = true
        this.counts.restorations += resident.application.restorations
        this.town.vacate(resident)
        if (store instanceof MemoryStore) {
            store.crash()
        }
        await disk?.sever()
        if (store === null) {
            this.members.delete(member.id)
        }
    }

    /**
     * Whether a process may die: with a journal at any time; without one only while every voter
     * lives and all agree on the voters, so that a majority keeps what was acknowledged.
     */
    mayDie({ store }: Member): boolean {
        if (store !== null) {
            return true
        }
        const governments = this.living.map(({ resident }) =>
            resident.colleague.kibitzer.paxos.government)
        const living = new Set(this.living.map(({ id }) => id))
        const [first] = governments
        const voters = first === undefined ? [] : parliament(first)
        return voters.length >= 3 && this.#cut === null &&
            voters.every((id) => living.has(id)) &&
            governments.every(({ promise }) => promise === first?.promise)
    }

    /** A member asks to leave. */
    leave(member: Living): void {
        const { resident } = member
        member.isLeaving = true
        this.say(`${member.id} leaves`)
        resident.colleague.leave().then(() => {
            this.say(`${member.id} has left`)
            this.counts.departures++
        }, (error: KibitzError) => {
            this.say(`${member.id} has not left: ${error.code}`)
            if (member.resident === resident && error.code === 'alone') {
                member.isLeaving = false
            }
        })
    }

    /** Loses for a while whatever a member sends to another one. */
    cut(from: Member, to: Member, forMs: number): void {
        if (this.#cut === null) {
            const until = Date.now() + forMs
            this.#cut = { from: from.id, to: to.id, until }
            this.say(`${from.id} does not reach ${to.id} for ${forMs.toFixed(0)} ms`)
            from.strayedAt = until
            to.strayedAt = until
        }
    }

    /** Ends what is cut. */
    mend(): void {
        this.#cut = null
    }

    /** Lets time go by, and looks at all members. */
    async pass(ms: number): Promise<void> {
        await this.town.pass(ms)
        if (this.#cut !== null && Date.now() >= this.#cut.until) {
            this.#cut = null
        }
        await this.#look()
    }

    /** Lets time go by until something is so. */
    async until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
        const limit = Date.now() + LIMIT_MS
        while (!await isSo()) {
            assert.ok(Date.now() < limit, `never: ${what}; ${this.#describe()}`)
            await this.pass(20)
        }
    }

    /** A member that has stopped by itself, without a fault that explains it, fails the life. */
    async #look(): Promise<void> {
        for (const member of this.living) {
            const { colleague, application } = member.resident
            assert.deepEqual(application.complaints, [], member.id)
            this.#note(colleague.kibitzer.paxos.government)
            if (colleague.kibitzer.destroyed) {
                const { failure } = colleague
                const isRight = failure === null ? member.isLeaving
                    : this.#isExplained(member, failure)
                assert.ok(isRight, `${member.id} has stopped by itself: ${failure}`)
                await this.end(member)
                this.members.delete(member.id)
            }
        }
        if (this.failure !== null) {
            throw this.failure
        }
    }

    /** Tells of each government once. */
    #note({ promise, majority, minority, constituents }: Government): void {
        if (Monotonic.compare(promise, this.#government) > 0) {
            this.#government = promise
            this.say(`${promise}: ${majority} | ${minority} | ${constituents}`)
        }
    }

    #describe(): string {
        return this.living.map(({ id, isJoining, isLeaving, resident }) => {
            const { application, colleague } = resident
            const { role, committed, pending, journal } = colleague.kibitzer.status()
            return `${id} ${role} committed ${committed}, applied ${application.last}, ` +
                `${pending} pending, journal ${journal?.size ?? '-'}` +
                `${isJoining ? ', joining' : ''}${isLeaving ? ', leaving' : ''}`
        }).join('; ')
    }

    async [Symbol.asyncDispose](): Promise<void> {
        for (const { disk } of this.members.values()) {
            await disk?.sever()
        }
        await this.town[Symbol.asyncDispose]()
        this.#journals.remove()
    }
}
