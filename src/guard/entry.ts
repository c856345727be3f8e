import { isGovernment, type Government } from '../paxos/membership/government.js'
import type {
    CensusRecord,
    Entry,
    GovernmentBody,
    Incarnation,
    PackedRun,
    UserBody,
    Welcome
} from '../paxos/messages/messages.js'
import { unpack } from '../paxos/messages/run-encoding.js'
import { Monotonic } from '../base/monotonic.js'
import { soundRuns } from '../base/object-brand.js'
import { Fault } from './rejection.js'
import { ballot, cookie, id, index, name, opaque, promise, text } from './scalars.js'
import {
    dictionary,
    flatList,
    type Guard,
    list,
    nullable,
    once,
    optional,
    record,
    refine,
    several,
    Shape,
    variant
} from './combinators.js'

/** Properties of a member, opaque and bounded. */
export const properties: Guard<unknown> = opaque('propertiesWeightMax')

/** A user's own value, opaque and bounded. */
export const userValue: Guard<unknown> = opaque('bodyWeightMax')

/** Who speaks or is spoken to. */
export const incarnation: Guard<Incarnation> = record({ id, immigrated: promise })

const ids = list(id, 'citizensMax')

const userBody = record<UserBody>({ id, cookie, immigrated: promise, body: userValue })

const exile = record<NonNullable<GovernmentBody['exile']>>({
    id, promise, properties, consent: optional(ballot)
})

// The order of the fields is that of `message.ts`; wherever a log is compared as text it counts.
const governmentBody = record<GovernmentBody>({
    promise,
    majority: ids,
    minority: ids,
    immigrate: nullable(record({ id, properties, cookie: name })),
    naturalize: nullable(id),
    exile: nullable(exile),
    promote: nullable(list(record({ id, index }), 'citizensMax')),
    demote: nullable(id),
    map: nullable(dictionary(promise, promise, 'remapsMax'))
})

const GOVERNMENT = new Shape<Omit<Entry, 'promise'>>({ previous: promise, body: governmentBody })
const USER = new Shape<Omit<Entry, 'promise'>>({ previous: promise, body: userBody })

const BROKEN = new Fault('broken-chain', '.previous')

function rejectNumbers({ promise: number, previous, body }: Entry): Fault | null {
    if (Monotonic.compare(previous, number) >= 0) {
        return BROKEN
    }
    return 'majority' in body && body.promise !== number
        ? new Fault('mismatch', '.body.promise')
        : null
}

/**
 * One link of a log. Its number says whether it is a government, and is above the one before it.
 * A link that was rebuilt once passes by identity from then on.
 */
export const entry: Guard<Entry> = once(
    refine(
        variant<Entry, 'promise'>('promise', promise, (number) =>
            isGovernment(number) ? GOVERNMENT : USER
        ),
        rejectNumbers
    )
)

const stretch = refine(
    record<PackedRun>({
        previous: promise,
        promise,
        id,
        cookie,
        immigrated: promise,
        bodies: list(userValue, 'runMax')
    }),
    ({ previous, promise: first }) => {
        if (isGovernment(first)) {
            return new Fault('mismatch', '.promise')
        }
        return Monotonic.compare(previous, first) >= 0 ? BROKEN : null
    }
)

const strangers = flatList(several(entry, stretch, unpack), 'runMax')

function isSound(value: unknown): value is readonly Entry[] {
    return Array.isArray(value) && soundRuns.bears(value)
}

/**
 * A run of links, packed or not; whether they hang together `rejectRun` tells. One that comes out
 * of a log of this process passes by identity.
 */
export const run: Guard<readonly Entry[]> = (value, limits) =>
    isSound(value) && value.length <= limits.runMax ? value : strangers(value, limits)

/** Why a run does not continue a promise link by link, or `null` where it does. */
export function rejectRun(previous: Monotonic, entries: readonly Entry[]): Fault | null {
    if (isSound(entries) && entries[0]?.previous === previous) {
        return null
    }
    let last = previous
    // An iterator over a frozen list costs an object for each of its items; so it is elsewhere.
    const position = entries.findIndex((link) => {
        const isBroken = link.previous !== last
        last = link.promise
        return isBroken
    })
    return position === -1 ? null : new Fault('broken-chain', `.entries[${position}].previous`)
}

/** A whole government. */
const government: Guard<Government> = once(
    record<Government>({
        republic: nullable(name),
        promise,
        majority: ids,
        minority: ids,
        constituents: ids,
        naturalized: ids,
        properties: dictionary(id, properties, 'citizensMax'),
        immigrated: record({
            id: dictionary(promise, id, 'citizensMax'),
            promise: dictionary(id, promise, 'citizensMax')
        })
    })
)

/** The state a newcomer begins with. Rebuilt once, it passes by identity from then on. */
export const welcome: Guard<Welcome> = once(
    record<Welcome>({
        founding: text,
        government,
        census: dictionary(
            promise,
            record<CensusRecord>({ cookie: name, published: cookie }),
            'citizensMax'
        )
    })
)
