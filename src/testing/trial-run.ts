import { KibitzError } from '../base/errors.js'
import type { ColleagueOptions } from '../colleague/options.js'
import type { Application } from '../colleague/application.js'
import { shortText } from './canonical.js'
import { Comparison, compareRestored } from './comparison.js'
import { noCounts, type TrialCounts } from './coverage.js'
import { Dice } from './dice.js'
import { stuck, type TrialFinding } from './finding.js'
import type { SequentialModel } from './model.js'
import type { ObservedApplication, Witness } from './observed-application.js'
import type { TrialPlan } from './plan.js'
import { type MemberLife, TrialRepublic, type TrialMember } from './trial-republic.js'
import { explain } from './run-explanation.js'
import { findLargeState } from './state-size.js'
import { makeApplication, surround } from './surroundings.js'
import { TrialFaults } from './trial-faults.js'
import type { TrialProgress } from './trial-progress.js'
import type { TrialRecordings } from './trial-recordings.js'
import { VirtualNetwork } from './virtual-network.js'
import { VirtualTime } from './virtual-time.js'
import { Weather } from './weather.js'
import { Clients, type Workload } from './workload.js'

/** The longest formation of a republic, and the longest recovery after all faults. */
const SETTLE_MS = 180_000

/** The pause between two checks of a condition, in milliseconds. */
const CHECK_MS = 20

/** The parts of a trial that every run uses. */
export interface RunParts {
    application(life: MemberLife): Application
    readonly workload: Workload
    readonly options: Partial<ColleagueOptions>
    /** The largest state, in characters. */
    readonly stateMax: number
    /** Checks the operations of the workload; `null` without a check. */
    readonly model: SequentialModel | null
    /** Follows the run, and may end it. @default none */
    readonly progress?: TrialProgress
    /** Records all inputs. @default no recordings */
    readonly recordings?: TrialRecordings
}

/** The result of a run. */
export interface RunOutcome {
    readonly plan: TrialPlan
    readonly finding: TrialFinding | null
    readonly counts: TrialCounts
    /** The events in order, one line each. */
    readonly lines: readonly string[]
}

/** One run: forms a republic, injects the faults of the plan, heals, and checks. */
export class TrialRun implements Witness {
    readonly #plan: TrialPlan
    readonly #time: VirtualTime
    readonly #network: VirtualNetwork
    readonly #weather: Weather
    readonly #comparison: Comparison
    readonly #republic: TrialRepublic
    readonly #clients: Clients
    readonly #counts = noCounts()
    readonly #lines: string[] = []
    readonly #parts: RunParts
    readonly #applications = new Set<Application>()
    #finding: TrialFinding | null = null

    constructor(parts: RunParts, plan: TrialPlan) {
        this.#plan = plan
        this.#parts = parts
        this.#time = new VirtualTime(plan.seed)
        const dice = new Dice(plan.seed, 'weather')
        const counter = { struck: () => {} }
        this.#weather = new Weather(this.#time.timeline, dice, plan.climate, counter)
        this.#network = new VirtualNetwork(this.#time.timeline, this.#weather)
        this.#comparison = new Comparison(plan.isThorough)
        this.#republic = new TrialRepublic({
            plan, time: this.#time, network: this.#network, witness: this,
            options: parts.options, recordings: parts.recordings ?? null,
            application: (life) => this.#make(life),
            onFailure: (member, error) => this.#onFailure(member, error),
            log: (text) => this.log(text)
        })
        this.#clients = new Clients({
            plan, time: this.#time, republic: this.#republic, workload: parts.workload,
            report: (finding) => this.report(finding)
        })
    }

    /** Makes the application of a life. A second life must not receive the same object. */
    #make(life: MemberLife): Application {
        const application = makeApplication((given) => this.#parts.application(given), life)
        if (this.#applications.has(application)) {
            this.report({ kind: 'shared-state', message: `The option application has returned the `
                + `same object again, for member ${life.id}, life ${life.life}. Return a new `
                + 'object for each life of each member.' })
        }
        this.#applications.add(application)
        return application
    }

    /**
     * Runs everything on virtual time. Never rejects because of the user's code.
     *
     * @throws KibitzError `aborted` after the signal of the trial.
     */
    async run(): Promise<RunOutcome> {
        const restore = surround(this.#time, (finding) => this.report(finding))
        const { progress } = this.#parts
        this.#time.onPass = () => progress?.reach(this.#time.timeline.now)
        try {
            await this.#runAll()
        } finally {
            this.#republic.end()
            await this.#time.finish()
            restore()
        }
        this.#count()
        const finding = await explain({
            plan: this.#plan, parts: this.#parts, comparison: this.#comparison,
            clients: this.#clients, counts: this.#counts, finding: this.#finding
        })
        if (finding !== null && finding !== this.#finding) {
            this.log(`CAUSE ${finding.message}`)
        }
        return { plan: this.#plan, finding, counts: this.#counts, lines: this.#lines }
    }

    async #runAll(): Promise<void> {
        const republic = this.#republic
        for (const member of republic.members) {
            republic.start(member)
        }
        await this.#until('the republic has formed', () => republic.isLevel())
        this.log('the republic has formed')
        const { timeline } = this.#time
        const endsAt = timeline.now + this.#plan.lastsMs
        const faults = new TrialFaults({
            time: this.#time, weather: this.#weather, republic, endsAt,
            setHaste: (isHasty) => {
                this.#clients.isHasty = isHasty
            },
            struck: (kind) => {
                const { faults: counted } = this.#counts
                counted[kind] = (counted[kind] ?? 0) + 1
            },
            log: (text) => this.log(text)
        })
        faults.schedule(this.#plan.faults)
        this.#clients.start()
        await this.#runUntil(endsAt, () => this.#clients.isDone && this.#clients.isIdle)
        this.#clients.end()
        this.log('all faults end')
        faults.end()
        await this.#until('all calls of the workload have ended', () => this.#clients.isIdle)
        await this.#until('all members have applied all entries', () => republic.isLevel())
    }

    /** Advances the clock to an instant, or until a condition holds or a fault was found. */
    async #runUntil(instant: number, isOver: () => boolean): Promise<void> {
        if (this.#finding !== null) {
            return
        }
        const { progress } = this.#parts
        const isEnded = (): boolean => this.#finding !== null || progress?.isAborted === true
        try {
            await this.#time.runUntil(instant, () => isEnded() || isOver())
        } catch (error) {
            const text = error instanceof Error ? error.message : String(error)
            this.report({
                kind: 'application-error', cause: error,
                message: `A timer of the application or of the workload threw: ${text}`
            })
        }
        progress?.check()
        this.report(this.#republic.endlessCall())
    }

    async #until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
        const { timeline } = this.#time
        const limit = timeline.now + SETTLE_MS
        while (this.#finding === null && !await this.#holds(isSo)) {
            if (timeline.now >= limit) {
                this.report(stuck(what, SETTLE_MS, this.#republic.describe()))
            }
            await this.#runUntil(timeline.now + CHECK_MS, () => false)
        }
    }

    /** Whether a condition holds now. An answer may take several turns of the virtual clock. */
    async #holds(isSo: () => boolean | Promise<boolean>): Promise<boolean> {
        let answer: boolean | null = null
        const give = (value: boolean): void => {
            answer = value
        }
        Promise.resolve(isSo()).then(give, () => give(false))
        await this.#runUntil(this.#time.timeline.now + CHECK_MS, () => answer !== null)
        return answer === true
    }

    #count(): void {
        const { members } = this.#republic
        Object.assign(this.#counts, {
            runs: 1,
            virtualMs: this.#time.timeline.now,
            entries: this.#comparison.log.length,
            operations: this.#clients.operations,
            refused: this.#clients.refused,
            messages: this.#network.messages,
            lives: members.reduce((sum, { lives }) => sum + lives, 0)
        })
    }

    /** Notes an event. */
    log(text: string): void {
        this.#lines.push(`${this.#time.timeline.now.toFixed(3)} ${text}`)
    }

    /** Ends the run with a fault. Later faults are ignored. */
    report(finding: TrialFinding | null): void {
        if (this.#finding === null && finding !== null) {
            this.#finding = finding
            this.log(`FAULT ${finding.message}`)
        }
    }

    #onFailure(member: TrialMember, error: KibitzError): void {
        this.log(`${member.id} has stopped by itself: ${error.message}`)
        if (error.code === 'exiled' || error.code === 'destroyed') {
            this.#republic.kill(member)
            if (!member.isLeaving) {
                this.#republic.start(member)
            }
            return
        }
        this.report({
            kind: 'application-error', cause: error,
            message: `Member ${member.id} has stopped by itself: ${error.message}`
        })
    }

    begin(observed: ObservedApplication, promise: string): void {
        observed.busySince = this.#time.timeline.now
        void promise
    }

    governed(...given: Parameters<Witness['governed']>): void {
        this.#comparison.governed(...given)
    }

    applied(...[observed, entry, result]: Parameters<Witness['applied']>): void {
        this.log(`${observed.name} applies ${entry.promise}`)
        this.report(this.#comparison.result(observed, entry, result))
    }

    comparesState(promise: string, size: number): boolean {
        return this.#comparison.comparesState(promise, size)
    }

    hasState(observed: ObservedApplication, promise: string, state: string): void {
        this.report(this.#comparison.state(observed, promise, state)
            ?? findLargeState(observed.name, promise, state, this.#parts.stateMax))
    }

    restored(observed: ObservedApplication, given: string, state: string): void {
        this.#counts.restorations++
        this.log(`${observed.name} restores a state`)
        this.report(compareRestored(observed.name, given, state))
    }

    threw(...[observed, method, promise, error]: Parameters<Witness['threw']>): void {
        if (observed.isOver) {
            return
        }
        const text = error instanceof Error ? error.message : String(error)
        const isWaiting = error instanceof KibitzError && text.includes('inside apply')
        this.report({
            kind: isWaiting ? 'waits-for-log' : 'application-error', cause: error,
            message: `${method} of the application threw at ${observed.name}, entry `
                + `${promise}: ${shortText(text)}`
        })
    }

    wait(ms: number): Promise<void> {
        return new Promise((resolve) => this.#time.timeline.after(ms, resolve))
    }

    onHost<Value>(host: number, call: () => Value): Value {
        const before = this.#time.skewMs
        this.#time.skewMs = this.#republic.members[host]?.skewMs ?? 0
        try {
            return call()
        } finally {
            this.#time.skewMs = before
        }
    }
}
