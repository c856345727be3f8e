import '../base/packages.js'
import { KibitzError } from '../base/errors.js'
import {
    callable, DURATION_MS_MAX, fitting, type OptionKind, type OptionTable, readOptions, text
} from '../base/option-table.js'
import type { WireCall } from '../guard/envelope.js'
import type { Kibitzer } from '../member/kibitzer.js'
import type { Properties } from '../paxos/messages/messages.js'
import { type CallHandle, CONNECT_OPTIONS, type ConnectOptions } from './call-limits.js'
import { CALLEE, checkArguments, connectSend, QUEUES } from './connect.js'

/** The part of a Kibitzer that the network uses. */
export type MemoryMember = Pick<
    Kibitzer,
    'id' | 'read' | 'write' | 'request' | 'destroyed' | 'destruction'
>

/** The properties of a member of a `MemoryNetwork`, or a part of the properties. */
export interface MemoryProperties {
    readonly memory: string
}

/** The options of a `MemoryNetwork`. */
export interface MemoryNetworkOptions extends ConnectOptions {
    /**
     * The form in which messages arrive: the same objects by reference, or copies through JSON.
     * Both are safe, because a Kibitzer rebuilds each message that it receives.
     * @default 'reference'
     */
    readonly wire?: 'json' | 'reference'
    /**
     * The source of randomness: returns a number of at least 0 and below 1. @default Math.random
     */
    readonly random?: () => number
}

/** The kind of each option of `MemoryNetworkOptions`. */
export const MEMORY_NETWORK_OPTIONS: OptionTable<MemoryNetworkOptions> = {
    ...CONNECT_OPTIONS,
    wire: fitting("'json' or 'reference'", (wire) => wire === 'json' || wire === 'reference'),
    random: callable
}

/** The kinds of the arguments of `cut`, `isolate`, `delay` and `drop`. */
const ID = text(128)
const DELAY: OptionKind = {
    expected: `a number of milliseconds from 0 to ${DURATION_MS_MAX}, or a function`,
    fits: (delay) => typeof delay === 'function' || isDelay(delay)
}
const CHANCE: OptionKind = {
    expected: 'a number from 0 to 1, or a function',
    fits: (chance) => typeof chance === 'function' ||
        (typeof chance === 'number' && chance >= 0 && chance <= 1)
}

function isDelay(delay: unknown): delay is number {
    return typeof delay === 'number' && delay >= 0 && delay <= DURATION_MS_MAX
}

/** A message of the network: a call, or its answer. */
export interface Passage {
    readonly from: string
    readonly to: string
    readonly kind: 'call' | 'answer'
    /** The envelope of the call, also for an answer. */
    readonly envelope: WireCall
}

/**
 * A network in one process, for tests and for experiments. The address of a member is its id.
 *
 * 1. No message is delivered in the turn in which the message is sent.
 * 2. Calls and answers are separate messages: an answer may be lost after the call has taken
 *    effect.
 * 3. A loss is silent: the caller waits until its time limit. Only a call to a detached member
 *    fails at once.
 */
export class MemoryNetwork {
    readonly #options: MemoryNetworkOptions
    readonly #members = new Map<string, { member: MemoryMember; disconnect: () => void }>()
    readonly #cuts = new Set<string>()
    readonly #isolated = new Set<string>()
    readonly #random: () => number
    #isDropped: (passage: Passage) => boolean = () => false
    #delay: (passage: Passage) => number = () => 0

    /** @throws KibitzError `invalid-argument`. */
    constructor(options: MemoryNetworkOptions | null = {}) {
        this.#options = readOptions('a MemoryNetwork', options, MEMORY_NETWORK_OPTIONS)
        this.#random = this.#options.random ?? Math.random
    }

    /**
     * Connects a member. The network detaches the member when the member is destroyed.
     *
     * @returns The properties under which other members reach this member.
     * @throws KibitzError `address-in-use` if a member with this id is attached;
     * `invalid-argument`.
     */
    attach(member: MemoryMember): MemoryProperties {
        checkArguments('attach', { member }, { member: QUEUES })
        checkArguments('attach', { member }, { member: CALLEE })
        const { id } = member
        if (this.#members.has(id)) {
            throw new KibitzError(
                'address-in-use',
                `A member named ${id} is attached already. Detach it, or wait for its destruction.`
            )
        }
        const disconnect = connectSend(
            member,
            (to, envelope, callHandle) => this.#call(id, to, envelope, callHandle),
            this.#options
        )
        const attachment = { member, disconnect }
        this.#members.set(id, attachment)
        member.destruction.wait(() => {
            if (this.#members.get(id) === attachment) {
                this.detach(id)
            }
        })
        return Object.freeze({ memory: id })
    }

    /**
     * Detaches a member, as if its process had ended. The calls of the member in flight get no
     * answer.
     */
    detach(id: string): void {
        checkArguments('detach', { id }, { id: ID })
        const attachment = this.#members.get(id)
        this.#members.delete(id)
        attachment?.disconnect()
    }

    /** Loses each message from one member to another. The reverse direction is unchanged. */
    cut(from: string, to: string): void {
        checkArguments('cut', { from, to }, { from: ID, to: ID })
        this.#cuts.add(directionKey(from, to))
    }

    /** Loses each message to or from a member. */
    isolate(id: string): void {
        checkArguments('isolate', { id }, { id: ID })
        this.#isolated.add(id)
    }

    /**
     * Delays each message that is sent from now on.
     *
     * @param delay In milliseconds: a number, or a function of the message. If the function throws,
     * the message is lost; if the function returns another value than a valid delay, there is no
     * delay.
     * @throws KibitzError `invalid-argument`.
     */
    delay(delay: number | ((passage: Passage) => number)): void {
        checkArguments('delay', { delay }, { delay: DELAY })
        this.#delay = typeof delay === 'function' ? delay : () => delay
    }

    /**
     * Loses some of the messages that are sent from now on.
     *
     * @param chance A probability from 0 to 1, or a function that tells whether to lose the
     * message. If the function throws, the message is lost.
     * @throws KibitzError `invalid-argument`.
     */
    drop(chance: number | ((passage: Passage) => boolean)): void {
        checkArguments('drop', { chance }, { chance: CHANCE })
        this.#isDropped = typeof chance === 'function' ? chance : () => this.#random() < chance
    }

    /** Whether a message from one member to another arrives, as far as cuts and isolations go. */
    carries(from: string, to: string): boolean {
        checkArguments('carries', { from, to }, { from: ID, to: ID })
        return this.#isOpen(from, to)
    }

    #isOpen(from: string, to: string): boolean {
        return !this.#isolated.has(from) && !this.#isolated.has(to)
            && !this.#cuts.has(directionKey(from, to))
    }

    /** Ends all cuts, isolations, delays and drops. Lost messages stay lost. */
    heal(): void {
        this.#cuts.clear()
        this.#isolated.clear()
        this.#isDropped = () => false
        this.#delay = () => 0
    }

    async #call(
        from: string,
        properties: Properties,
        envelope: WireCall,
        callHandle: CallHandle
    ): Promise<unknown> {
        const to = addressOf(properties)
        await this.#deliver({ from, to, kind: 'call', envelope }, callHandle)
        const { member } = this.#members.get(to) ?? {}
        if (member === undefined || member.destroyed) {
            throw new KibitzError('unreachable', `No member named ${to} is attached.`)
        }
        const answer = this.#copy(await member.request(this.#copy(envelope)))
        await this.#deliver({ from: to, to: from, kind: 'answer', envelope }, callHandle)
        return answer
    }

    #deliver(passage: Passage, callHandle: CallHandle): Promise<void> {
        if (this.#isLost(passage)) {
            return whenArrived(null, callHandle)
        }
        const delay: unknown = this.#delay(passage)
        return whenArrived(isDelay(delay) ? delay : 0, callHandle)
    }

    #isLost(passage: Passage): boolean {
        const { from, to } = passage
        return !this.#isOpen(from, to) || this.#isDropped(passage)
    }

    #copy(value: unknown): unknown {
        return this.#options.wire === 'json' ? JSON.parse(JSON.stringify(value ?? null)) : value
    }
}

/**
 * Resolves when the message arrives. A lost message never arrives, and the time limit of the call
 * rejects. The closure holds no message: a pending closure would keep the message in memory.
 */
function whenArrived(delay: number | null, callHandle: CallHandle): Promise<void> {
    return new Promise((resolve, reject) => {
        if (callHandle.reason !== null) {
            throw callHandle.reason
        }
        const stop = delay === null ? null : startDelay(resolve, delay)
        callHandle.onEnd = () => {
            stop?.()
            reject(callHandle.reason)
        }
    })
}

/** Starts the delay of a message. Returns the undo. */
function startDelay(onArrived: () => void, delay: number): () => void {
    if (delay > 0) {
        const timer = setTimeout(onArrived, delay)
        return () => clearTimeout(timer)
    }
    // `setImmediate` lets a busy network starve neither timers nor sockets.
    const immediate = setImmediate(onArrived)
    return () => clearImmediate(immediate)
}

/** The key of one direction between two members. An id contains no space. */
function directionKey(from: string, to: string): string {
    return `${from} ${to}`
}

function addressOf(properties: Properties): string {
    const isRecord = typeof properties === 'object' && properties !== null
    const address = isRecord && 'memory' in properties ? properties.memory : undefined
    if (typeof address !== 'string') {
        throw new KibitzError('unreachable', 'The properties name no member of a MemoryNetwork.')
    }
    return address
}
