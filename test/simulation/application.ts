import type { History, Release } from '../../src/member/history.js'
import { Dice } from '../../src/testing/dice.js'
import { demand } from './violation.js'

/** How slow an application is, in milliseconds of the trial. */
interface Pace {
    /** How long an entry takes. */
    readonly applyMs: number
    /** How long a snapshot takes; meanwhile no entry is applied. */
    readonly snapshotMs: number
}

/**
 * The application of a process: applies the entries of the log in its own time.
 *
 * 1. The application gets every entry once, in order, without a gap, however slow it is. (S3)
 * 2. The member keeps the last applied entry and all behind it, so a snapshot is always possible,
 *    however short the history is and however long the snapshot takes. (S6)
 */
export class Application {
    /** The promise of the last applied entry; `null` before the first. */
    applied: string | null = null
    readonly pace: Pace
    readonly #id: string
    readonly #history: History
    readonly #reader
    /** The instant from which there is time for the next entry. */
    #freeAt = 0

    /** @param cookie Tells this incarnation from others: the pace is drawn from the cookie. */
    constructor(id: string, cookie: string, history: History, ping: number) {
        const dice = new Dice(Number.parseInt(cookie, 16) || 0, 'application')
        this.#id = id
        this.#history = history
        this.#reader = history.reader(null, { bound: null })
        this.pace = {
            applyMs: dice.pick([0, 0, 1, ping / 50, ping / 5, 2 * ping]),
            snapshotMs: dice.pick([0, 0, ping, 20 * ping])
        }
    }

    /** Applies as many entries as there was time for. */
    follow(now: number): void {
        while (this.#freeAt <= now && this.#applyOne()) {
            this.#freeAt += this.pace.applyMs
        }
        if (this.#freeAt < now && this.pace.applyMs === 0) {
            this.#freeAt = now
        }
    }

    /** Applies all received entries without a delay. */
    finish(): void {
        while (this.#applyOne()) {
            // The next entry follows.
        }
    }

    #applyOne(): boolean {
        const entry = this.#reader?.shift()
        demand(this.#reader?.isOverrun === false, 'S3', () =>
            `The application of ${this.#id} lacks entries behind ${this.applied}`)
        if (entry === undefined) {
            return false
        }
        demand(this.applied === null || entry.previous === this.applied, 'S3', () =>
            `The application of ${this.#id} gets ${entry.promise} behind ${this.applied}`)
        this.applied = entry.promise
        return true
    }

    /**
     * Begins a snapshot as of the last applied entry; `null` while the application is busy, or
     * before the first entry. The member keeps what follows until the release.
     */
    snapshot(now: number): { readonly promise: string; readonly release: Release } | null {
        this.follow(now)
        const { applied: promise } = this
        if (promise === null || this.#freeAt > now + this.pace.applyMs) {
            return null
        }
        this.#freeAt = now + this.pace.snapshotMs
        const release = this.#history.hold(promise)
        demand(release !== null, 'S6', () =>
            `${this.#id} does not hold ${promise}, which its application applied last`)
        return { promise, release: release ?? (() => {}) }
    }
}
