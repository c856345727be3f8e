import { setImmediate as turn } from 'node:timers/promises'
import type Destructible from 'destructible'
import type { Clock } from '../base/clock.js'
import type { OutgoingCalls } from './outgoing-calls.js'
import type { Player } from './player.js'
import { KibitzError, misuse } from '../base/errors.js'
import type { Holdings, Journal, JournalStat } from '../journal/journal.js'
import { Monotonic } from '../base/monotonic.js'
import { callable, type OptionTable, readOptions } from '../base/option-table.js'
import { checkPromise } from './options.js'
import { callSafely, quiet } from '../base/callbacks.js'
import type { Played } from './inputs.js'
import { destroyed } from './shutdown.js'
import { readPlayed } from './record-encoding.js'
import { otherVersion, REPLAY_VERSION } from './engine-version.js'
import { damaged, forgottenBy, type Memory, Snapshot, writeSnapshot } from './snapshot-encoding.js'
import { checkState, type StateBytes } from '../base/state-bytes.js'

/** How far a recovery has come. */
export interface Recovery {
    /** How many records were applied. */
    readonly records: number
    /** How many there are. */
    readonly of: number
}

/** How a member comes back. */
export interface RecoverOptions {
    /** Told now and then how far it has come, and at the end. @default nobody is told */
    readonly progress?: (recovery: Recovery) => void
}

/** What each of these options may be. */
const RECOVER_OPTIONS: OptionTable<RecoverOptions> = { progress: callable }

/** The application's own state, as a snapshot kept it. */
export interface KeptState {
    /** The last entry that the application had applied. The log goes on right behind it. */
    readonly promise: Monotonic
    /** What was given to `snapshot`, in pieces of any size. Read it before the next snapshot. */
    readonly state: AsyncIterable<Uint8Array>
}

/** What a member has come back with. */
export interface Recovered {
    /** Whether it is a member of a republic. A newcomer calls `bootstrap` or `join`. */
    readonly recovered: boolean
    /** Whether the log has exiled it. Then clear the journal, and join with a new Kibitzer. */
    readonly exiled: boolean
    /** How many records were applied. */
    readonly records: number
    /** The state it began with; `null` where it began with nothing, and the log with its first. */
    readonly snapshot: KeptState | null
}

/** How long records are applied before others have a turn, in milliseconds. */
const TURN_MS = 20

/** How many records are applied between two looks at the time. */
const STRIDE = 256

/** The records of a journal from a number on, as many at a time as it hands out. */
async function* readMany(
    journal: Journal,
    from: number
): AsyncGenerator<readonly Uint8Array[], void, undefined> {
    if (journal.readMany !== undefined) {
        yield* journal.readMany(from)
        return
    }
    for await (const record of journal.read(from)) {
        yield [record]
    }
}

/** Who keeps the journal of a member that was given one. */
export function journalOf(memberJournal: MemberJournal | null): MemberJournal {
    return (
        memberJournal ??
        misuse(
            'invalid-argument',
            'This Kibitzer was given no journal (option journal). Nothing was done; give it one, ' +
                'or do without.'
        )
    )
}

/** Lets nobody apply to a member with a journal what is not in that. */
export function rejectReplay(memberJournal: MemberJournal | null): void {
    if (memberJournal !== null) {
        misuse(
            'invalid-argument',
            'A Kibitzer with a journal applies nothing that is not in it. Nothing was applied; ' +
                'replay into a Kibitzer without one.'
        )
    }
}

/**
 * Keeps a member's journal: comes back from it, lets states stand for what is behind them, and
 * closes it.
 */
export class MemberJournal {
    /** How long the end of a member waits for its journal, in milliseconds. */
    static readonly flushMs: number = 60_000
    readonly #journal: Journal
    readonly #player: Player
    readonly #clock: Clock
    readonly #outgoing: OutgoingCalls
    /** Settled when nothing is read any more. */
    #recovering: Promise<unknown> | null = null
    /** Settled when nothing is written any more beside the records. */
    #writing: Promise<unknown> | null = null
    #isHeld = false
    #isClosed = false

    constructor(journal: Journal, player: Player, clock: Clock, outgoing: OutgoingCalls) {
        this.#journal = journal
        this.#player = player
        this.#clock = clock
        this.#outgoing = outgoing
    }

    /** Counts and bytes; `null` before it is held and after it is closed. */
    stat(): JournalStat | null {
        return this.#isHeld ? this.#journal.stat() : null
    }

    /** Restores, replays, and revives. Once. */
    recover(options: RecoverOptions | null): Promise<Recovered> {
        const { progress } = readOptions('recover', options, RECOVER_OPTIONS)
        if (this.#isClosed) {
            throw this.#player.gate.failure ?? destroyed()
        }
        if (this.#recovering !== null) {
            misuse('invalid-argument', 'A Kibitzer recovers once. Nothing was done.')
        }
        // What the caller throws there is thrown once more, alone: it stops no recovery.
        const told = (recovery: Recovery): void => callSafely(() => progress?.(recovery))
        const recovering = this.#recover(told)
        this.#recovering = recovering.catch(() => {})
        return quiet(recovering)
    }

    async #recover(progress: (recovery: Recovery) => void): Promise<Recovered> {
        const { paxos } = this.#player
        const { options } = paxos
        const holdings = await this.#journal.open(paxos.id)
        this.#isHeld = true
        this.#rejectClosed()
        const snapshot = holdings.snapshot === null ? null : await this.#restore(holdings)
        const records = await this.#replay(holdings, progress)
        this.#player.open()
        // Whoever asked is gone, and so is who would have heard the answers.
        this.#player.play('revive', { version: REPLAY_VERSION, options: Object.freeze(options) })
        // Though nothing waits for it, who opens the journal next shall find under whom it went on.
        this.#player.gate.pass(() => {})
        const recovered = paxos.government.promise !== '0/0'
        return Object.freeze({ recovered, exiled: paxos.exiled, records, snapshot })
    }

    #rejectClosed(): void {
        if (this.#isClosed) {
            throw this.#player.gate.failure ?? destroyed()
        }
    }

    async #restore({ first, last }: Holdings): Promise<KeptState> {
        const snapshot = new Snapshot(() => this.#journal.readSnapshot())
        const kept = await snapshot.read()
        this.#rejectClosed()
        if (kept.engine !== REPLAY_VERSION && last >= first) {
            // The state any version reads; what follows from the inputs behind it, not.
            throw otherVersion(first, kept.engine)
        }
        this.#recall(kept)
        this.#clock.advance(kept.when)
        this.#player.resume(kept.promise, [...kept.forgotten])
        return Object.freeze({ promise: kept.promise, state: snapshot.state() })
    }

    #recall({ paxos, islander }: Memory): void {
        try {
            this.#player.paxos.recall(paxos)
            this.#player.islander.recall(islander)
        } catch (cause) {
            throw damaged('it holds no member', cause)
        }
    }

    /** Applies every record; others have a turn now and then. */
    async #replay(
        { first, last }: Holdings,
        progress: (recovery: Recovery) => void
    ): Promise<number> {
        const of = last - first + 1
        let records = 0
        let when = Number.NEGATIVE_INFINITY
        let yieldedAt = performance.now()
        const apply = (played: Played): void => {
            this.#player.replay(played)
        }
        for await (const some of readMany(this.#journal, first)) {
            for (const bytes of some) {
                when = Math.max(when, readPlayed(bytes, first + records, apply).when)
                records++
                if (records % STRIDE === 0) {
                    this.#outgoing.drop()
                    if (performance.now() - yieldedAt > TURN_MS) {
                        progress({ records, of })
                        await turn()
                        this.#rejectClosed()
                        yieldedAt = performance.now()
                    }
                }
            }
        }
        this.#rejectClosed()
        this.#outgoing.drop()
        if (records !== 0) {
            this.#clock.advance(when)
        }
        progress({ records, of })
        return records
    }

    /** Closes the journal when a member ends; the end waits for that. */
    endWith(destructible: Destructible): void {
        const closed = destructible.rescue('journal')
        destructible.addDestructor('journal', () => this.#close(closed))
    }

    /** Lets a state stand for all that is recorded as of now, or else after those under way. */
    snapshot(promise: Monotonic, state: StateBytes): Promise<void> {
        try {
            checkPromise(promise)
            checkState(state)
        } catch (error) {
            return quiet(Promise.reject(error))
        }
        const before = this.#writing
        // The entries behind the state are part of the snapshot, whenever its turn comes.
        const release = this.#player.history.hold(promise)
        const take = (): Promise<void> => {
            release?.()
            return this.#snapshot(promise, state)
        }
        const writing = before === null ? take() : before.then(take)
        const done: Promise<void> = writing
            .catch(() => {})
            .then(() => {
                this.#writing = this.#writing === done ? null : this.#writing
            })
        this.#writing = done
        return quiet(writing)
    }

    async #snapshot(promise: Monotonic, state: StateBytes): Promise<void> {
        const { paxos, islander, gate, delivered, history } = this.#player
        this.#player.rejectClosed()
        if (delivered === null || Monotonic.compare(promise, delivered) > 0) {
            misuse(
                'invalid-argument',
                `${promise} was not on log yet; the last one was ${delivered}. Nothing was ` +
                    'written; pass the last entry that the application has applied.'
            )
        }
        const engine = paxos.state()
        const forgotten = forgottenBy(engine, history, promise)
        if (forgotten === null) {
            throw new KibitzError(
                'trimmed',
                `${promise} is forgotten (option history). Nothing was written; use a newer state.`
            )
        }
        const memory = {
            promise,
            when: this.#clock.now(),
            engine: REPLAY_VERSION,
            paxos: engine,
            forgotten,
            islander: islander.state()
        }
        await this.#journal.snapshot(gate.recorded, writeSnapshot(memory, state))
    }

    /** Closes the journal when all is flushed, or has failed; calls back when it is closed. */
    #close(callback: () => void): void {
        this.#isClosed = true
        const end = (): void => {
            void Promise.all([this.#recovering, this.#writing])
                .then(() => (this.#isHeld ? this.#journal.close() : undefined))
                .then(() => {
                    this.#isHeld = false
                    callback()
                })
        }
        this.#player.gate.pass(end, end)
    }
}
