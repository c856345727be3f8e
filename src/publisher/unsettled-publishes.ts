import { batchLength } from './batch.js'
import type { Life, Sought } from './islander-types.js'
import { Monotonic, Series } from '../base/monotonic.js'
import { FIRST_IDENTITY, firstOfNextLife } from '../base/publish-identity.js'

/** The number of removed values after which the list is copied. */
const REMOVED_MAX = 1024

/** A life whose publishes appear one by one. */
type MutableLife = { -readonly [Key in keyof Life]: Life[Key] }

/** The place of an identity among `count` identities from `first` on; -1 if it is not there. */
function placeIn(first: string, count: number, identity: string): number {
    const isLater = Monotonic.compare(identity, first) >= 0
    const isBefore = Monotonic.compare(identity, Monotonic.add(first, count)) < 0
    return isLater && isBefore ? Monotonic.distance(first, identity) : -1
}

/**
 * The publishes that have not appeared in the log, oldest first, with their identities `life/n`.
 *
 * 1. An identity is given at the publish, and never to another publish of the same process.
 * 2. A batch holds publishes of the oldest life only.
 */
export class UnsettledPublishes {
    #values: unknown[] = []
    /** The index of the oldest value. The values before the index have appeared. */
    #from = 0
    /** Oldest first. The last is the life of this process; no other life is empty. */
    #lives: MutableLife[] = [{ cookie: FIRST_IDENTITY, count: 0 }]
    /** The identities behind the oldest one in its life; `null` until one is needed. */
    #following: Series | null = null

    /** The number of publishes. */
    get size(): number {
        return this.#values.length - this.#from
    }

    /** The oldest life with a publish; without one, the life of this process. */
    get oldest(): Life {
        return this.#lives[0] ?? { cookie: FIRST_IDENTITY, count: 0 }
    }

    /** Adds publishes of the life of this process. */
    add(bodies: readonly unknown[]): void {
        for (const body of bodies) {
            this.#values.push(body)
        }
        const life = this.#lives.at(-1)
        if (life !== undefined) {
            life.count += bodies.length
        }
    }

    /** Begins the next life. Returns the identity of its first publish. */
    beginLife(): string {
        const last = this.#lives.at(-1)?.cookie ?? FIRST_IDENTITY
        this.#lives = this.#lives.filter(({ count }) => count !== 0)
        const first = firstOfNextLife(last)
        this.#lives.push({ cookie: first, count: 0 })
        this.#following = null
        return first
    }

    /** The next batch of the oldest life behind its first `sent` publishes, at most `limit`. */
    batch(sent: number, limit: number): Pick<Sought, 'cookie' | 'body'>[] {
        const { cookie, count } = this.oldest
        const first = this.#from + sent
        const length = Math.min(count - sent, batchLength(this.#values, limit, first))
        const cookies = new Series(Monotonic.add(cookie, sent))
        return this.#values.slice(first, first + Math.max(0, length)).map((body) => {
            return { cookie: cookies.next(), body }
        })
    }

    /** Whether an identity is that of the oldest publish. */
    isOldest(identity: string): boolean {
        const { cookie, count } = this.oldest
        return count !== 0 && cookie === identity
    }

    /** The place of the publish with an identity, from 0 on; -1 if there is none. */
    placeOf(identity: string): number {
        let before = 0
        for (const { cookie, count } of this.#lives) {
            const place = placeIn(cookie, count, identity)
            if (place !== -1) {
                return before + place
            }
            before += count
        }
        return -1
    }

    /** Removes the oldest publish, and returns its value. There is one. */
    removeOldest(): unknown {
        const value = this.#values[this.#from]
        this.#values[this.#from] = undefined
        this.#from++
        if (this.#from > REMOVED_MAX && this.#from * 2 > this.#values.length) {
            this.#values = this.#values.slice(this.#from)
            this.#from = 0
        }
        const life = this.#lives[0]
        if (life !== undefined) {
            life.count--
            this.#following ??= new Series(Monotonic.add(life.cookie, 1))
            life.cookie = this.#following.next()
            if (life.count === 0 && this.#lives.length > 1) {
                this.#lives.shift()
                this.#following = null
            }
        }
        return value
    }

    /** The values, oldest first. */
    get values(): readonly unknown[] {
        return this.#values.slice(this.#from)
    }

    /** The state, without the values. */
    state(): readonly Life[] {
        return this.#lives.map((life) => ({ ...life }))
    }

    /** Restores a state. */
    recall(lives: readonly Life[], values: readonly unknown[]): void {
        this.#values = [...values]
        this.#lives = lives.map((life) => ({ ...life }))
    }
}
