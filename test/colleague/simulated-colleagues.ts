import assert from 'node:assert/strict'
import { type Government, type KibitzError, Monotonic } from '../../src/index.js'
import { MemoryStore } from '../../src/journal/memory-journal.js'
import { parliament } from '../../src/paxos/membership/government.js'
import type { Dice } from '../../src/testing/dice.js'
import type { LifeSettings } from './life-settings.js'
import {
    describeMembers, mayBeExiled, type Member, MemberJournals, type RunningColleague,
    type RunningMember, SEGMENT_SIZE
} from './simulated-members.js'
import { SlowLedger } from './slow-ledger.js'
import { ColleagueGroup } from './colleague-group.js'

const PING_MS = 100

/** The option `timeout` of all members, in milliseconds. */
export const TIMEOUT_MS = 400

/** The option `patience` if some members have journals, in timeouts. */
const PATIENCE = 60

/** The longest wait of `until`, in milliseconds of the mocked clock. */
const LIMIT_MS = 120_000

/** The start of the mocked clock, in milliseconds since the epoch. */
const STARTED_AT = Date.UTC(2020, 0, 1)

/** The members of a simulated life: starts, joins, cuts, kills and restarts them. */
export class SimulatedColleagues implements AsyncDisposable {
    readonly group: ColleagueGroup
    readonly members = new Map<string, Member>()
    /** The events so far, for the report of a failure. */
    readonly events: string[] = []
    readonly counts = { joins: 0, returns: 0, departures: 0, restorations: 0 }
    /** The first failure that no fault of the simulation explains. */
    failure: Error | null = null
    readonly #settings: LifeSettings
    readonly #journals: MemberJournals
    #government = '0/0'
    /** The largest number of seats so far. */
    #seatsMax = 0
    #names = 0
    #cut: { readonly from: string, readonly to: string, readonly until: number } | null = null

    constructor(settings: LifeSettings, dice: Dice) {
        this.#settings = settings
        const { parliamentSize, parliamentFloor, history, journals } = settings
        const { source, snapshotEvery, chunkSize } = settings
        const patience = TIMEOUT_MS * (journals === 'none' ? 2 : PATIENCE)
        this.group = new ColleagueGroup({
            ping: PING_MS, timeout: TIMEOUT_MS, patience, parliamentSize, parliamentFloor,
            // A slow application may hold a publish for longer than the default.
            publishTimeout: 2 ** 31 - 1,
            source, snapshotEvery, chunkSize, ...(history === null ? {} : { history })
        })
        this.#journals = new MemberJournals(dice)
        this.group.untilIdle = () => this.#journals.settled()
        this.group.isCut = (from, to) => this.#cut?.from === from && this.#cut.to === to
    }

    /** The running members. */
    get running(): readonly RunningMember[] {
        const isRunning = (one: Member): one is RunningMember => one.running !== null
        return [...this.members.values()].filter(isRunning)
    }

    /** The running members that have joined and have not asked to leave. */
    get joined(): readonly RunningMember[] {
        return this.running.filter(({ isJoining, isLeaving }) => !isJoining && !isLeaving)
    }

    /** The number of running members that have not asked to leave. */
    get staying(): number {
        return this.running.filter(({ isLeaving }) => !isLeaving).length
    }

    /** The largest journal after a snapshot, in bytes. */
    get journalMax(): number {
        return 2 * this.#settings.snapshotEvery + 4 * SEGMENT_SIZE
    }

    /** Records an event with its time. */
    logEvent(what: string): void {
        this.events.push(`${Date.now() - STARTED_AT} ${what}`)
    }

    /** Founds the republic. */
    async found(): Promise<void> {
        const founder = await this.#startProcess(this.#newMember())
        this.#watchEntry(founder, founder.running.colleague.bootstrap({ islandId: 'run' }))
        await this.until('the founder follows its log', () => !founder.isJoining)
    }

    /** Starts a member with a new id that joins. */
    async startJoining(): Promise<Member> {
        const member = await this.#startProcess(this.#newMember())
        this.#join(member)
        return member
    }

    /** Restarts a member with the journal of its former process. */
    async restart(member: Member): Promise<void> {
        this.counts.returns++
        member.cutOffAt = Date.now()
        this.#join(await this.#startProcess(member))
    }

    #newMember(): Member {
        const { journals } = this.#settings
        const id = `m${this.#names++}`
        const member: Member = {
            id, store: this.#journals.store(id, journals), running: null, disk: null,
            isJoining: false, isLeaving: false, cutOffAt: Number.NEGATIVE_INFINITY
        }
        this.members.set(id, member)
        return member
    }

    async #startProcess(member: Member): Promise<RunningMember> {
        const journal = this.#journals.of(member)
        this.logEvent(`${member.id} begins${journal === null ? '' : ' with a journal'}`)
        const application = new SlowLedger(this.#settings, (ms) => this.group.after(ms))
        const starting = this.group.startWith(member.id, application, {
            ...(journal === null ? {} : { journal })
        })
        member.running = await this.group.untilSettled(starting)
        return member as RunningMember
    }

    #join(member: RunningMember): void {
        const through = (): { at: string }[] =>
            this.running.filter(({ id }) => id !== member.id).map(({ id }) => ({ at: id }))
        this.#watchEntry(member, member.running.colleague.join({ through }))
    }

    #watchEntry(member: RunningMember, entering: Promise<unknown>): void {
        const { running } = member
        member.isJoining = true
        this.counts.joins++
        entering.then(() => {
            this.logEvent(`${member.id} has joined`)
            if (member.running === running) {
                member.isJoining = false
            }
        }, (error: KibitzError) => this.reportFailure(member, running, 'could not join', error))
    }

    /** Notes an error of a running member, unless a fault explains the error. */
    reportFailure(
        member: Member, running: RunningColleague, what: string, error: KibitzError
    ): void {
        if (member.running === running && !this.#isExplained(member, error)) {
            this.failure ??= new Error(`${member.id} ${what}`, { cause: error })
        }
    }

    /** Whether a failure is the exile of a member that was cut off, stopped or leaving. */
    #isExplained(member: Member, { code }: KibitzError): boolean {
        const isExiled = code === 'exiled' || member.running?.colleague.failure?.code === 'exiled'
        return isExiled && mayBeExiled(member, 20 * TIMEOUT_MS)
    }

    /**
     * Kills the process of a member. The journal loses all unflushed records. A member that the log
     * has exiled a moment ago, and that has not stopped yet, never returns.
     */
    async kill(member: Member): Promise<void> {
        const { running, store, disk } = member
        if (running === null) {
            return
        }
        this.logEvent(`${member.id} ends`)
        member.running = null
        running.application.isOver = true
        this.counts.restorations += running.application.restorations
        this.group.stop(running)
        if (store instanceof MemoryStore) {
            store.crash()
        }
        await disk?.sever()
        const { exiled } = running.colleague.kibitzer.paxos
        const isExplained = !exiled || mayBeExiled(member, 20 * TIMEOUT_MS)
        assert.ok(isExplained, `${member.id} was exiled without a fault`)
        if (store === null || exiled) {
            this.members.delete(member.id)
        }
    }

    /**
     * Whether a process may be killed. With a journal: at any time. Without a journal: only while
     * every voter runs and all members know the same voters, so that a majority keeps the
     * acknowledged entries.
     */
    mayKill({ store }: Member): boolean {
        if (store !== null) {
            return true
        }
        const governments = this.running.map(({ running }) =>
            running.colleague.kibitzer.paxos.government)
        const running = new Set(this.running.map(({ id }) => id))
        const [first] = governments
        const voters = first === undefined ? [] : parliament(first)
        return voters.length >= 3 && this.#cut === null &&
            voters.every((id) => running.has(id)) &&
            governments.every(({ promise }) => promise === first?.promise)
    }

    /** Lets a member call `leave`. */
    leave(member: RunningMember): void {
        const { running } = member
        member.isLeaving = true
        this.logEvent(`${member.id} leaves`)
        running.colleague.leave().then(() => {
            this.logEvent(`${member.id} has left`)
            this.counts.departures++
        }, (error: KibitzError) => {
            this.logEvent(`${member.id} has not left: ${error.code}`)
            if (member.running === running && error.code === 'alone') {
                member.isLeaving = false
            }
        })
    }

    /** Loses all calls from one member to another for some milliseconds. */
    cut(from: Member, to: Member, forMs: number): void {
        if (this.#cut === null) {
            const until = Date.now() + forMs
            this.#cut = { from: from.id, to: to.id, until }
            this.logEvent(`${from.id} does not reach ${to.id} for ${forMs.toFixed(0)} ms`)
            from.cutOffAt = until
            to.cutOffAt = until
        }
    }

    /** Ends the cut between two members. */
    healCut(): void {
        this.#cut = null
    }

    /** Advances the clock, and checks all members. */
    async advance(ms: number): Promise<void> {
        await this.group.advance(ms)
        if (this.#cut !== null && Date.now() >= this.#cut.until) {
            this.#cut = null
        }
        await this.#checkMembers()
    }

    /** Advances the clock until a condition holds. */
    async until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
        const limit = Date.now() + LIMIT_MS
        while (!await isSo()) {
            assert.ok(Date.now() < limit, `never: ${what}; ${describeMembers(this.running)}`)
            await this.advance(20)
        }
    }

    /** Throws if a member has stopped by itself and no fault explains the stop. */
    async #checkMembers(): Promise<void> {
        for (const member of this.running) {
            const { colleague, application } = member.running
            assert.deepEqual(application.complaints, [], member.id)
            this.#logGovernment(colleague.kibitzer.paxos.government)
            if (colleague.kibitzer.destroyed) {
                const { failure } = colleague
                const isRight = failure === null ? member.isLeaving
                    : this.#isExplained(member, failure)
                assert.ok(isRight, `${member.id} has stopped by itself: ${failure}`)
                await this.kill(member)
                this.members.delete(member.id)
            }
        }
        if (this.failure !== null) {
            throw this.failure
        }
    }

    /** Records each government once. A floor of 3 keeps two seats at least. */
    #logGovernment({ promise, majority, minority, constituents }: Government): void {
        if (Monotonic.compare(promise, this.#government) > 0) {
            this.#government = promise
            this.logEvent(`${promise}: ${majority} | ${minority} | ${constituents}`)
            const seats = majority.length + minority.length
            this.#seatsMax = Math.max(this.#seatsMax, seats)
            const isKept = this.#settings.parliamentFloor === 1 || this.#seatsMax < 3
            assert.ok(isKept || seats > 1, `${promise} has one seat`)
        }
    }

    async [Symbol.asyncDispose](): Promise<void> {
        for (const { disk } of this.members.values()) {
            await disk?.sever()
        }
        await this.group[Symbol.asyncDispose]()
        this.#journals.remove()
    }
}
