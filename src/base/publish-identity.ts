import { Monotonic } from './monotonic.js'

/**
 * The place of a cookie behind the last cookie of its publisher: the successor, a cookie that the
 * leader has already, a cookie behind a gap, or a cookie that the leader refuses.
 */
export type CookiePlace = 'next' | 'known' | 'gap' | 'refused'

/**
 * The status with which a leader refuses a batch behind a gap: the leader lacks an earlier entry of
 * the publisher.
 */
export const GAP = 'gap'

/**
 * Whether a cookie is an identity `life/n`: the nth publish of a life of its publisher. Before
 * version 2 of a republic a cookie is one number.
 */
export function isIdentity(cookie: string): boolean {
    return cookie.includes('/')
}

/** The first version of a republic in which a publish keeps one identity. */
const IDENTITY_VERSION = 2

/**
 * Whether a publish keeps one identity over every resubmission, so that several batches of one
 * publisher may be in flight.
 *
 * @param version The version of the republic. @default 1
 */
export function keepsIdentity(version: number = 1): boolean {
    return version >= IDENTITY_VERSION
}

/** The identity of the first publish of the first life. */
export const FIRST_IDENTITY = '1/1'

/** The identity of the first publish of the life after the life of an identity. */
export function firstOfNextLife(identity: string): string {
    return Monotonic.add(Monotonic.increment(identity, 0), 1)
}

/** Orders cookies. Every identity is above every plain number. */
export function compareCookies(left: string, right: string): number {
    const isLeft = isIdentity(left)
    return isLeft === isIdentity(right) ? Monotonic.compare(left, right) : isLeft ? 1 : -1
}

/** The place of a cookie in a republic of version 1: cookies rise, perhaps with gaps. */
function placeByOrder(last: string, cookie: string): CookiePlace {
    return Monotonic.compare(last, cookie) < 0 ? 'next' : 'refused'
}

/**
 * The place of a cookie behind the last cookie of its publisher, `0` before the first cookie.
 *
 * 1. An identity follows if the identity is the successor in the same life, or the first of a
 *    higher life. So the identities of a publisher enter the log in order, without gaps, each once.
 * 2. Plain numbers follow each other as in version 1, and none follows an identity.
 *
 * @param version The version of the republic. @default 1
 */
export function cookiePlace(last: string, cookie: string, version?: number): CookiePlace {
    if (keepsIdentity(version) && Monotonic.isNext(last, cookie)) {
        // Nearly every publish: the next number of the same life, or the next plain number.
        return 'next'
    }
    if (!isIdentity(cookie)) {
        return isIdentity(last) ? 'refused' : placeByOrder(last, cookie)
    }
    if (!keepsIdentity(version)) {
        return 'refused'
    }
    const isLater = !isIdentity(last) || Monotonic.compare(last, cookie) < 0
    const follows = Monotonic.isNext(last, cookie) || cookie.endsWith('/1')
    return isLater ? (follows ? 'next' : 'gap') : 'known'
}
