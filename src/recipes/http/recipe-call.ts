import { rejectArgument } from '../../base/errors.js'
import { type OptionTable, readOptions } from '../../base/option-table.js'
import type { ReadOptions } from '../../member/reads.js'
import type { RemoteLeases } from './remote-leases.js'

/** A request to one part of a composition. */
export interface RecipeCall {
    readonly method: string
    /** The decoded segments of the path after the name of the part. */
    readonly path: readonly string[]
    readonly query: URLSearchParams
    /** The JSON object of the request; empty without a body. */
    readonly body: object
    /** Aborts when the client has closed the connection. */
    readonly signal: AbortSignal
    readonly leases: RemoteLeases
}

/** An answer to a request. */
export interface RecipeAnswer {
    readonly status: number
    readonly body: object
    /** The value of the header `retry-after`, in seconds. */
    readonly retryAfter?: number
    /** Called if the client does not receive the answer. */
    readonly undo?: () => void
}

/** The most items of a list in an answer. */
const ITEMS_MAX = 1000
const ITEMS = 100

/** An answer with status 200. */
export function ok(body: object): RecipeAnswer {
    return { status: 200, body }
}

/** The answer to a request for an absent key. */
export function absent(what: string): RecipeAnswer {
    const message = `${what} does not exist, as this member knows. Nothing was done.`
    return { status: 404, body: { error: { code: 'invalid-argument', message } } }
}

/** The fields of a body. @throws KibitzError `invalid-argument`. */
export function fieldsOf<Body extends object>(
    subject: string, body: object, table: OptionTable<Body>
): Partial<Body> {
    return readOptions<Partial<Body>>(subject, body, table as OptionTable<Partial<Body>>)
}

function numberIn(query: URLSearchParams, name: string): number | undefined {
    const given = query.get(name)
    return given === null ? undefined : given === '' ? Number.NaN : Number(given)
}

/** The first items of a list, as many as the query asks for; 100 without a wish. */
export function listed<Item>(items: Iterable<Item>, query: URLSearchParams): Item[] {
    const limit = numberIn(query, 'limit') ?? ITEMS
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > ITEMS_MAX) {
        rejectArgument(`The limit of a list is a whole number from 1 to ${ITEMS_MAX}.`)
    }
    const some: Item[] = []
    for (const item of items) {
        if (some.length === limit) {
            break
        }
        some.push(item)
    }
    return some
}

/** The wish of a query for a fresh value; `undefined` for the value at this member, at once. */
export function readingOf(query: URLSearchParams): 'linearizable' | ReadOptions | undefined {
    const read = query.get('read')
    if (read !== null) {
        return read === 'linearizable'
            ? read
            : rejectArgument('The parameter read has one value: linearizable.')
    }
    const after = query.get('after')
    const maxStalenessMs = numberIn(query, 'maxStalenessMs')
    return after === null && maxStalenessMs === undefined ? undefined : {
        ...(after === null ? {} : { after }),
        ...(maxStalenessMs === undefined ? {} : { maxStalenessMs })
    }
}
