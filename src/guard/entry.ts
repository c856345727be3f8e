import { isGovernment } from '../paxos/membership/government.js'
import type { Government } from '../paxos/messages/messages.js'
import type {
    CensusRecord,
    Entry,
    GovernmentBody,
    Incarnation,
    Sender,
    UserBody,
    VersionRange,
    Welcome
} from '../paxos/messages/messages.js'
import type { MoveReport, MoveWish, Relocation } from '../paxos/messages/moves.js'
import { type PackedRun, unpack } from '../paxos/messages/run-encoding.js'
import { Monotonic } from '../base/monotonic.js'
import { soundRuns } from '../base/object-brand.js'
import { Fault } from './rejection.js'
import { ballot, cookie, id, index, jsonUpTo, name, promise, text, version } from './scalars.js'
import {
    dictionary,
    flatList,
    type Guard,
    list,
    nullable,
    cached,
    optional,
    pair,
    record,
    refine,
    singleOrPacked,
    Shape,
    variant
} from './combinators.js'

/** The properties of a member: any JSON value, up to `propertiesBytesMax`. */
export const properties: Guard<unknown> = jsonUpTo('propertiesBytesMax')

/** A published value: any JSON value, up to `bodyBytesMax`. */
export const userValue: Guard<unknown> = jsonUpTo('bodyBytesMax')

const BAD_RANGE = new Fault('bad-number')

/** The addressee of a message: a member in one of its incarnations. */
export const incarnation: Guard<Incarnation> = record({ id, immigrated: promise })

/** The versions that a member takes part in. A later package may name versions unknown here. */
export const versions: Guard<VersionRange> = refine(pair(index), ([lowest, highest]) => {
    return lowest > 0 && lowest <= highest ? null : BAD_RANGE
})

/** The sender of a message. */
export const sender: Guard<Sender> = record<Sender>({
    id, immigrated: promise, versions: optional(versions)
})

/** The move of the sender of a request. */
export const moveWish: Guard<MoveWish> = record<MoveWish>({ number: index, properties })

/** The move of a member that an answer reports. */
export const moveReport: Guard<MoveReport> =
    record<MoveReport>({ immigrated: promise, number: index, properties })

const ids = list(id, 'citizensMax')

const userBody = record<UserBody>({ id, cookie, immigrated: promise, body: userValue })

const exile = record<NonNullable<GovernmentBody['exile']>>({
    id, promise, properties, consent: optional(ballot)
})

// The order of the fields is the order in `message.ts`. The order matters where logs are compared
// as text.
const plainGovernmentBody = record<GovernmentBody>({
    promise,
    majority: ids,
    minority: ids,
    immigrate: nullable(record({ id, properties, cookie: name })),
    naturalize: nullable(id),
    exile: nullable(exile),
    promote: nullable(list(record({ id, index }), 'citizensMax')),
    demote: optional(nullable(id)),
    map: nullable(dictionary(promise, promise, 'remapsMax')),
    version: optional(version),
    move: optional(record<Relocation>({ id, immigrated: promise, number: index, properties }))
})

const NO_DEMOTE = new Fault('missing-field', '.demote')

/** The body of a government. Only a body with a version may omit `demote`. */
const governmentBody = refine(plainGovernmentBody, (body) => {
    return body.demote === undefined && body.version === undefined ? NO_DEMOTE : null
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
 * An entry of a log. The promise tells whether the entry is a government, and is above the previous
 * promise. Once rebuilt, an entry passes by identity.
 */
export const entry: Guard<Entry> = cached(
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

const foreignRun = flatList(singleOrPacked(entry, stretch, unpack), 'runMax')

function isOwnRun(value: unknown): value is readonly Entry[] {
    return Array.isArray(value) && soundRuns.isMarked(value)
}

/**
 * A run of entries, packed or not. Only `rejectRun` checks that the entries form a chain. A run
 * from a log of this process passes by identity.
 */
export const run: Guard<readonly Entry[]> = (value, limits) =>
    isOwnRun(value) && value.length <= limits.runMax ? value : foreignRun(value, limits)

/**
 * The fault of a run that does not continue a promise entry by entry; `null` for an unbroken run.
 */
export function rejectRun(previous: Monotonic, entries: readonly Entry[]): Fault | null {
    if (isOwnRun(entries) && entries[0]?.previous === previous) {
        return null
    }
    let last = previous
    // A `for` loop over a frozen list allocates one object per item; `findIndex` allocates none.
    const position = entries.findIndex((item) => {
        const isBroken = item.previous !== last
        last = item.promise
        return isBroken
    })
    return position === -1 ? null : new Fault('broken-chain', `.entries[${position}].previous`)
}

/** A complete government, as in a welcome. */
const government: Guard<Government> = cached(
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
        }),
        version: optional(version)
    })
)

/** The state with which a new member begins. Once rebuilt, a welcome passes by identity. */
export const welcome: Guard<Welcome> = cached(
    record<Welcome>({
        founding: text,
        government,
        census: dictionary(
            promise,
            record<CensusRecord>({ cookie: name, published: cookie, moved: optional(index) }),
            'citizensMax'
        )
    })
)
