import { KibitzError, misuse, rejectArgument } from '../base/errors.js'
import { callable, type OptionTable, readOptions } from '../base/option-table.js'
import type { WaitOptions } from '../base/abort-signal.js'
import type { Monotonic } from '../base/monotonic.js'
import type { Application, ApplicationEntry } from '../colleague/application.js'
import { isPending } from '../colleague/application-calls.js'
import type { Applied } from '../colleague/result-publisher.js'
import type { Colleague } from '../colleague/colleague.js'
import type { Government, GovernmentBody } from '../paxos/messages/messages.js'
import { framesOf, partsIn } from './frames.js'
import type { ComposedPart, PartHost } from './part.js'
import { after, AfterApply, named } from './part-calls.js'

/** The parts of a composition, by name. */
export type PartsByName = Readonly<Record<string, ComposedPart>>

/** A published value of a composition: the name of a part, and a command of the part. */
export interface ComposedCommand {
    readonly part: string
    readonly command: unknown
}

/** The command type of a part. */
export type CommandOf<Kind> =
    Kind extends { apply(entry: ApplicationEntry<infer Command>): unknown } ? Command : never

/** The result type of a part. */
export type OutcomeOf<Kind> = Kind extends { apply(entry: never): infer Outcome }
    ? Awaited<Outcome> : never

/** The options of a composition. */
export interface CompositionOptions {
    /**
     * The monotonic clock, in milliseconds, for the leases of this member. @default performance.now
     */
    readonly now?: () => number
    /** Returns a random number in [0, 1). @default Math.random */
    readonly random?: () => number
}

const COMPOSITION_OPTIONS: OptionTable<CompositionOptions> = { now: callable, random: callable }

/** The members of a Colleague that a composition uses. */
export type ComposableColleague = Pick<
    Colleague<ComposedCommand>, 'barrier' | 'kibitzer' | 'publish' | 'read' | 'requests'
>

/** The names of parts, so that a journal stays readable. */
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/

/**
 * Several state machines on one log. Give the composition to a Colleague as its `application`, and
 * then call `connect` with the Colleague.
 *
 * 1. Each entry reaches one part. The snapshot contains each part with its own version.
 * 2. An exception in a part stops the member with `application-failed`, and the message names the
 *    part. The entry stays in the log, and no other part has received a call for the entry: after a
 *    corrected version starts, every part has the state that the log demands.
 * 3. A command or a snapshot of a part that this member does not have stops the member likewise:
 *    to skip the command would lose data.
 */
export class Composition<Parts extends PartsByName>
    implements Application<ComposedCommand, unknown> {
    /** The parts, by name. */
    readonly parts: Parts
    readonly #later = new AfterApply()
    readonly #unconnected = new AbortController()
    readonly #now: () => number
    readonly #random: () => number
    readonly #session: string
    #colleague: ComposableColleague | null = null

    /** @throws KibitzError `invalid-argument`. */
    constructor(parts: Parts, options: CompositionOptions | null = {}) {
        const { now = () => performance.now(), random = Math.random } =
            readOptions('compose', options, COMPOSITION_OPTIONS)
        this.#now = now
        this.#random = random
        this.#session = Math.floor(random() * 2 ** 52).toString(36)
        this.parts = Object.freeze({ ...parts })
        for (const [name, part] of this.#entries()) {
            if (!NAME.test(name) || typeof part?.apply !== 'function') {
                rejectArgument('compose takes state machines by name, such as { locks: new '
                    + 'Locks() }. A name has 1 to 64 letters, digits, _ or -, and begins with a '
                    + `letter; "${name.slice(0, 80)}" is no name of a state machine.`)
            }
            part.attach?.(this.#hostOf(name))
        }
    }

    /**
     * Connects the parts to the Colleague of this member. Call `connect` once, after the
     * construction of the Colleague.
     *
     * @throws KibitzError `invalid-argument`.
     */
    connect(colleague: ComposableColleague): this {
        if (typeof (colleague as Partial<ComposableColleague> | null)?.publish !== 'function') {
            rejectArgument('connect takes the Colleague of this member.')
        }
        if (this.#colleague === colleague) {
            return this
        }
        if (this.#colleague !== null) {
            rejectArgument('The composition is already connected to a Colleague.')
        }
        this.#colleague = colleague
        const { closed } = colleague.requests
        void this.#later.run(closed)
        return this
    }

    /** The Colleague of this member; `null` before `connect`. */
    get colleague(): ComposableColleague | null {
        return this.#colleague
    }

    /** Publishes a command of a part, and resolves with the result of the part. */
    async publish<Name extends keyof Parts & string>(
        part: Name, command: CommandOf<Parts[Name]>, waiting: WaitOptions | null = {}
    ): Promise<Applied<OutcomeOf<Parts[Name]>>> {
        const applied = await this.#connected().publish({ part, command }, waiting)
        return applied as Applied<OutcomeOf<Parts[Name]>>
    }

    /**
     * Ends the work of this member in all parts: the signal of each lease aborts, and the leases
     * are released after their routines have ended. Call `stop` before the `stop` of the Colleague.
     */
    async stop(): Promise<void> {
        await Promise.all(this.#entries().map(([, part]) => part.stop?.()))
    }

    /** Passes the command of an entry to its part. */
    apply(entry: ApplicationEntry<ComposedCommand>): unknown {
        const { part, command } = entry.body
        const machine = this.#part(part, `entry ${entry.promise} is a command of it`)
        const own = Object.freeze({ ...entry, body: command })
        return named(part, () => machine.apply(own as never))
    }

    /** Refuses a value that is no command of a part. */
    validate(body: ComposedCommand): unknown {
        const { part, command } = Object(body) as Partial<ComposedCommand>
        if (typeof part !== 'string' || command === undefined) {
            rejectArgument('A composition takes { part, command }.')
        }
        return this.#part(part, 'a command of it was to be published')
            .validate?.(command as never)
    }

    /** Passes a government to every part. */
    governed(government: Government, change: GovernmentBody): void | Promise<void> {
        const pending = this.#entries()
            .map(([name, part]) => named(name, () => part.governed?.(government, change)))
            .filter(isPending)
        return pending.length === 0 ? undefined : Promise.all(pending).then(() => {})
    }

    /** The snapshots of all parts, one after the other. */
    async* snapshot(): AsyncGenerator<Uint8Array> {
        for (const [name, part] of this.#entries()) {
            const version = part.snapshotVersion ?? 1
            yield* framesOf({ part: name, version }, await part.snapshot())
        }
    }

    /** Gives each part its snapshot. A part that the snapshot lacks keeps its first state. */
    async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        for await (const { part: name, version, chunks: state } of partsIn(chunks)) {
            const part = this.#part(name, 'the snapshot contains its state')
            const highest = part.snapshotVersion ?? 1
            if (version > highest) {
                misuse('unsupported',
                    `The snapshot of the part ${name} has version ${version}; this member reads `
                        + `versions up to ${highest}. Nothing was lost; start the newer version of `
                        + 'the service.')
            }
            await part.restore(state, version)
        }
    }

    #entries(): [string, ComposedPart][] {
        return Object.entries(this.parts)
    }

    #part(name: string, why: string): ComposedPart {
        const part = Object.hasOwn(this.parts, name) ? this.parts[name] : undefined
        return part ?? misuse('unsupported',
            `This member has no part ${name.slice(0, 80)}, but ${why}. Nothing was lost; start a `
                + 'version of the service that composes this part.')
    }

    #connected(): ComposableColleague {
        return this.#colleague ?? rejectArgument(
            'The composition is not connected: call connect(colleague) after new Colleague(…).')
    }

    #hostOf(part: string): PartHost {
        const connected = (): ComposableColleague => this.#connected()
        const current = (): ComposableColleague | null => this.#colleague
        const unconnected = this.#unconnected.signal
        return Object.freeze({
            session: this.#session,
            get id(): string { return current()?.kibitzer.id ?? '' },
            get immigrated(): Monotonic { return current()?.kibitzer.paxos.immigrated ?? '0/0' },
            get isLeader(): boolean { return current()?.kibitzer.status().role === 'leader' },
            get closed(): AbortSignal { return current()?.requests.closed ?? unconnected },
            now: this.#now,
            random: this.#random,
            after,
            later: (call) => this.#later.add(call),
            publish: async (command, waiting) =>
                await connected().publish({ part, command }, waiting ?? {}),
            barrier: async (waiting) => await connected().barrier(waiting ?? {}),
            read: async (options) => await connected().read(options)
        } satisfies PartHost)
    }
}

/**
 * Composes several state machines on one log: recipes, and Applications of your own.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function compose<Parts extends PartsByName>(
    parts: Parts, options: CompositionOptions | null = {}
): Composition<Parts> {
    if (typeof parts !== 'object' || parts === null) {
        throw new KibitzError('invalid-argument',
            'compose takes state machines by name. Nothing was done; pass an object.')
    }
    return new Composition(parts, options)
}
