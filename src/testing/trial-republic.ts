import type { KibitzError } from '../base/errors.js'
import type { Application } from '../colleague/application.js'
import { Colleague } from '../colleague/colleague.js'
import type { ColleagueOptions } from '../colleague/options.js'
import { FileJournal } from '../journal/file-journal.js'
import { parliament } from '../paxos/membership/government.js'
import { Dice } from './dice.js'
import type { TrialFinding } from './finding.js'
import { ObservedApplication, type Slowness, type Witness } from './observed-application.js'
import type { TrialPlan } from './plan.js'
import type { TrialRecordings } from './trial-recordings.js'
import { VirtualDisk } from './virtual-disk.js'
import type { VirtualNetwork } from './virtual-network.js'
import type { VirtualTime } from './virtual-time.js'

/** The life of a member that an application belongs to. */
export interface MemberLife {
    /** The id of the member: `a`, `b` and so on. */
    readonly id: string
    /** The number of the life of this member, from 1. */
    readonly life: number
    /** Aborts at the end of the life. */
    readonly signal: AbortSignal
}

/** A running process of a member. */
export interface RunningMember {
    readonly colleague: Colleague
    readonly observed: ObservedApplication
    readonly end: AbortController
    /** Whether `start` has resolved. */
    isStarted: boolean
}

/** A member of a trial: a host, perhaps with a disk, and the running process. */
export interface TrialMember {
    readonly id: string
    readonly host: number
    readonly disk: VirtualDisk | null
    readonly slowness: Slowness
    /** The error of the wall clock, in milliseconds. */
    skewMs: number
    lives: number
    /** `null` while no process runs. */
    running: RunningMember | null
    /** Whether the member has asked to leave, or has left. */
    isLeaving: boolean
}

/** The parts of a run that the members use. */
export interface RepublicParts {
    readonly plan: TrialPlan
    readonly time: VirtualTime
    readonly network: VirtualNetwork
    readonly witness: Witness
    readonly options: Partial<ColleagueOptions>
    /** Records all inputs; `null` without recordings. */
    readonly recordings: TrialRecordings | null
    application(life: MemberLife): Application
    /** Receives the failure of a member that has stopped by itself. */
    onFailure(member: TrialMember, error: KibitzError): void
    log(text: string): void
}

/** The longest call of an application, in milliseconds of virtual time. */
const CALL_MS = 60_000

const SEGMENT_SIZE = 65_536

/** The members of a trial: starts, ends and restarts their processes. */
export class TrialRepublic {
    readonly members: TrialMember[] = []
    /** The number of members that found the republic. */
    readonly size: number
    readonly #parts: RepublicParts
    readonly #founders: readonly string[]

    constructor(parts: RepublicParts) {
        this.#parts = parts
        this.size = parts.plan.members
        this.#founders = Array.from({ length: parts.plan.members }, (_, index) => idOf(index))
        for (const _ of this.#founders) {
            this.add()
        }
    }

    /** The members with a running process. */
    get living(): TrialMember[] {
        return this.members.filter(({ running }) => running !== null)
    }

    /** The member that leads; `null` without a leader. */
    get leader(): TrialMember | null {
        return this.living.find(({ running }) =>
            running?.colleague.kibitzer.paxos.isLeading) ?? null
    }

    /** The hosts of the running voters, the leader first. */
    voters(): readonly number[] {
        const { government } = (this.leader ?? this.living[0])?.running?.colleague.kibitzer.paxos
            ?? {}
        const ids = government === undefined ? [] : parliament(government)
        return ids.flatMap((id) => this.living.find((one) => one.id === id)?.host ?? [])
    }

    /** Adds a member without a process. */
    add(): TrialMember {
        const { plan, time } = this.#parts
        const host = this.members.length
        const dice = new Dice(plan.seed, `member ${host}`)
        const disk = plan.syncMs === null ? null
            : new VirtualDisk(time.timeline, dice, plan.syncMs)
        const member = {
            id: idOf(host), host, disk, lives: 0, running: null, isLeaving: false,
            skewMs: Math.round((dice.next() - 0.5) * 2 * 86_400_000),
            slowness: { applyMs: 0, snapshotMs: 0, restoreMs: 0 }
        }
        this.members.push(member)
        return member
    }

    /** Starts a process of a member. A failure of the start is a failure of the member. */
    start(member: TrialMember): void {
        const { plan, time, network, witness, options, application, log, recordings } = this.#parts
        const { id, host, disk } = member
        const life = ++member.lives
        const end = new AbortController()
        const place = { member: id, host, life }
        const user = witness.onHost(host, () => application({ id, life, signal: end.signal }))
        const observed = new ObservedApplication(place, user, witness, member.slowness)
        const dice = new Dice(plan.seed, `life ${life} of ${id}`)
        const colleague = new Colleague({
            islandName: 'trial', colleagueId: id,
            random: () => dice.next(),
            Date: { now: () => time.now() },
            logger: { info: log, warn: log, error: log },
            ...plan.options, ...options,
            ...(disk === null ? {} : { journal: journalOn(disk, id, recordings) }),
            application: observed
        })
        if (disk === null) {
            recordings?.follow(id, colleague)
        }
        const running = { colleague, observed, end, isStarted: false }
        member.running = running
        log(`${id} starts, life ${life}`)
        const onFailure = (error: KibitzError): void => {
            if (member.running === running) {
                this.#parts.onFailure(member, error)
            }
        }
        const others = (): readonly { readonly host: number }[] =>
            network.addresses().filter((one) => one.host !== host)
        colleague.ended.then(() => {
            if (member.running === running) {
                log(`${id} has left`)
                this.kill(member)
            }
        }, onFailure)
        colleague.start({
            attach: network.attach(host), through: others,
            ...(this.#founders.includes(id) ? { founders: this.#founders } : {})
        }).then(() => {
            running.isStarted = true
            log(`${id} has started`)
        }, onFailure)
    }

    /** Ends the process of a member at once. */
    kill(member: TrialMember): void {
        const { running } = member
        if (running === null) {
            return
        }
        this.#parts.log(`${member.id} ends`)
        member.running = null
        running.observed.isOver = true
        this.#parts.network.cutOff(member.host)
        member.disk?.endProcess()
        running.colleague.ended.catch(() => {})
        running.colleague.destroy()
        running.end.abort()
    }

    /**
     * Whether the republic survives the loss of the state of a member: all members run, all know
     * the same voters, no voter has left or is leaving, and the network has no fault.
     */
    maySpare(isNetworkSound: boolean): boolean {
        const present = this.members.filter(({ isLeaving }) => !isLeaving)
        const engines = present.flatMap(({ running }) =>
            running?.isStarted === true ? [running.colleague.kibitzer.paxos] : [])
        const [first] = engines
        const voters = first === undefined ? [] : parliament(first.government)
        return isNetworkSound && first !== undefined && engines.length === present.length
            && voters.length >= 3 && voters.every((id) => present.some((one) => one.id === id))
            && engines.every(({ government, committed }) =>
                government.promise === first.government.promise && committed === first.committed)
    }

    /** Whether all processes have started and have applied all committed entries. */
    async isLevel(): Promise<boolean> {
        const committed = this.leader?.running?.colleague.kibitzer.paxos.committed
        const { living } = this
        const isCommitted = living.every(({ running }) => running?.isStarted === true
            && running.colleague.kibitzer.paxos.committed === committed)
        if (committed === undefined || !isCommitted) {
            return false
        }
        const healths = await Promise.all(living.map(({ running }) => running?.colleague.health()))
        return healths.every((health) => health?.applied === committed)
    }

    /** A call of an application that does not end; `null` without such a call. */
    endlessCall(): TrialFinding | null {
        const { now } = this.#parts.time.timeline
        for (const { running } of this.living) {
            const { busySince = null, name = '', last = '' } = running?.observed ?? {}
            if (busySince !== null && now - busySince > CALL_MS) {
                return {
                    kind: 'waits-for-log', message: `A call of the application at ${name} has not `
                        + `ended for ${CALL_MS / 1000} s of virtual time (the entry after `
                        + `${last}). The log waits for that call, so a call that waits for a later `
                        + 'entry never ends.'
                }
            }
        }
        return null
    }

    /** All members in words. */
    describe(): string {
        return this.members.map(({ id, running }) => {
            if (running === null) {
                return `${id} is down`
            }
            const { role, committed, pending } = running.colleague.kibitzer.status()
            return `${id} is ${role}, committed ${committed}, applied ${running.observed.last}, `
                + `${pending} publishes wait${running.isStarted ? '' : ', has not started'}`
        }).join('; ')
    }

    /** Ends all processes. */
    end(): void {
        for (const member of this.members) {
            this.kill(member)
        }
    }
}

function journalOn(
    disk: VirtualDisk, id: string, recordings: TrialRecordings | null
): FileJournal {
    const journal = new FileJournal('/journal', {
        disk: disk.mount(), segmentSize: SEGMENT_SIZE
    })
    return recordings?.listen(id, journal) ?? journal
}

function idOf(host: number): string {
    return host < 26 ? String.fromCharCode(97 + host) : `m${host}`
}
