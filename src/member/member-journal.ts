import { setImmediate as turn } from 'node:timers/promises'
import type Destructible from 'destructible'
import type { Clock } from '../base/clock.js'
import type { OutgoingCalls } from './outgoing-calls.js'
import type { Player } from './player.js'
import { KibitzError, misuse } from '../base/errors.js'
import type { Holdings, Journal, JournalStat } from '../journal/journal.js'
import { Monotonic } from '../base/monotonic.js'
import { RepeatingJson } from '../base/repeating-json.js'
import { readOptions } from '../base/option-table.js'
import { checkPromise } from './options.js'
import { callSafely, quiet } from '../base/callbacks.js'
import type { Played } from './inputs.js'
import {
    type KeptState, RECOVER_OPTIONS, type Recovered, type RecoverOptions, type Recovery
} from './recover-options.js'
import { destroyed } from './shutdown.js'
import { readPlayed } from './record-encoding.js'
import { heldBack, otherVersion, protocolVersion, replayVersion } from './engine-version.js'
import {
    damaged, forgottenEntries, type StoredMember, Snapshot, writeSnapshot
} from './snapshot-encoding.js'
import { checkState, type StateBytes } from '../base/state-bytes.js'

/** The time after which the replay yields to other work, in milliseconds. */
const TURN_MS = 20

/** The number of inputs between two checks of the time. */
const STRIDE = 256

/** The records of a journal from a number on, in the batches in which the journal returns them. */
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

/**
 * The journal of a member.
 *
 * @throws KibitzError `invalid-argument` if the member has no journal.
 */
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

/**
 * Rejects `replay` at a member with a journal.
 *
 * @throws KibitzError `invalid-argument`
 */
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
 * The journal of one member: recovers the member, stores snapshots, and closes the journal.
 *
 * A snapshot holds the engine, the Islander, the application's state and the entries after that
 * state. The snapshot replaces all inputs that were recorded before the call of `snapshot`. If a
 * snapshot is under way, the next one begins after its end.
 */
export class MemberJournal {
    /** The time limit for the end of a member with a journal, in milliseconds. */
    static readonly flushMs: number = 60_000
    readonly #journal: Journal
    readonly #player: Player
    readonly #clock: Clock
    readonly #outgoing: OutgoingCalls
    /** Settles when the recovery has ended. */
    #recovering: Promise<unknown> | null = null
    /** Settles when the snapshot under way has ended; `null` without one. */
    #writing: Promise<unknown> | null = null
    /** The instant of the last snapshot; `null` before the first one. */
    snapshotAt: number | null = null
    #isHeld = false
    #isClosed = false

    constructor(journal: Journal, player: Player, clock: Clock, outgoing: OutgoingCalls) {
        this.#journal = journal
        this.#player = player
        this.#clock = clock
        this.#outgoing = outgoing
        player.versions.onRise = () => journal.prepareSpace?.()
    }

    /** Counts and sizes; `null` before the journal is opened and after it is closed. */
    stat(): JournalStat | null {
        return this.#isHeld ? this.#journal.stat() : null
    }

    /** Restores the last snapshot, replays later records, and revives the member. Once. */
    recover(options: RecoverOptions | null): Promise<Recovered> {
        const { progress } = readOptions('recover', options, RECOVER_OPTIONS)
        if (this.#isClosed) {
            throw this.#player.gate.failure ?? destroyed()
        }
        if (this.#recovering !== null) {
            misuse('invalid-argument', 'A Kibitzer recovers once. Nothing was done.')
        }
        // An exception of the callback does not stop the recovery.
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
        // The answers to calls of the earlier process are lost.
        const protocol = this.#player.versions.current
        if (protocol > options.highestVersion) {
            throw heldBack(protocol, options.highestVersion)
        }
        const version = replayVersion(protocol)
        this.#player.play('revive', { version, options: Object.freeze(options), disk: true })
        // Asks for a flush of `revive`: the next process finds the engine version of this one.
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
        const protocol = protocolVersion(kept.engine)
        if (protocol === null && last >= first) {
            // Every version can read the state, but replays records of its own version only.
            throw otherVersion(first, kept.engine)
        }
        this.#restoreState(kept)
        this.snapshotAt = kept.paxos.time.clock
        this.#player.observer?.onRestored()
        this.#clock.advance(kept.when)
        this.#player.deliverAfter(kept.promise, [...kept.forgotten])
        return Object.freeze({ promise: kept.promise, state: snapshot.state() })
    }

    #restoreState({ paxos, islander }: StoredMember): void {
        try {
            this.#player.paxos.recall(paxos)
            this.#player.islander.recall(islander)
        } catch (cause) {
            throw damaged('it holds no member', cause)
        }
    }

    /** Applies every record, and yields to other work from time to time. */
    async #replay(
        { first, last }: Holdings,
        progress: (recovery: Recovery) => void
    ): Promise<number> {
        const of = last - first + 1
        let [records, inputs] = [0, 0]
        let when = Number.NEGATIVE_INFINITY
        let yieldedAt = performance.now()
        const json = new RepeatingJson()
        const apply = (played: Played): void => {
            this.#player.replay(played)
            inputs++
        }
        for await (const some of readMany(this.#journal, first)) {
            for (const bytes of some) {
                when = Math.max(when, readPlayed(bytes, first + records, apply, json).when)
                records++
                if (inputs >= STRIDE) {
                    inputs = 0
                    this.#outgoing.dropOutboxes()
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
        this.#outgoing.dropOutboxes()
        if (records !== 0) {
            this.#clock.advance(when)
        }
        progress({ records, of })
        return records
    }

    /** Closes the journal at the end of the member. The end waits for the journal. */
    endWith(destructible: Destructible): void {
        const closed = destructible.rescue('journal')
        destructible.addDestructor('journal', () => this.#close(closed))
    }

    /** Stores a snapshot, after the snapshot under way. See `Kibitzer.snapshot`. */
    snapshot(promise: Monotonic, state: StateBytes): Promise<void> {
        try {
            checkPromise(promise)
            checkState(state)
        } catch (error) {
            return quiet(Promise.reject(error))
        }
        const before = this.#writing
        // The snapshot includes the entries after the state, even if its turn comes late.
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
        gate.recordQuiet() // The engine's state contains these inputs.
        const engine = paxos.state()
        const forgotten = forgottenEntries(engine, history, promise)
        if (forgotten === null) {
            throw new KibitzError(
                'trimmed',
                `${promise} is forgotten (option history). Nothing was written; use a newer state.`
            )
        }
        const memory = {
            promise,
            when: this.#clock.now(),
            engine: replayVersion(this.#player.versions.current),
            paxos: engine,
            forgotten,
            islander: islander.state()
        }
        await this.#journal.snapshot(gate.recorded, writeSnapshot(memory, state))
        this.snapshotAt = engine.time.clock
    }

    /**
     * Closes the journal after all inputs are flushed, or after a failure. Calls back when it is
     * closed.
     */
    #close(callback: () => void): void {
        this.#isClosed = true
        const end = (): void => {
            void Promise.all([this.#recovering, this.#writing])
                .then(() => {
                    const isHeld = this.#isHeld
                    this.#isHeld = false
                    return isHeld ? this.#journal.close() : undefined
                })
                .then(callback)
        }
        this.#player.gate.pass(end, end)
    }
}
