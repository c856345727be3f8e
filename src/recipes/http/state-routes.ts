import { rejectArgument } from '../../base/errors.js'
import { fitting, flag, type OptionKind, type OptionTable } from '../../base/option-table.js'
import type { Counter } from '../counter.js'
import type { RateLimit } from '../rate-limit.js'
import type { ReplicatedMap } from '../replicated-map.js'
import type { Sequence } from '../sequence.js'
import {
    absent, fieldsOf, listed, ok, readingOf, type RecipeAnswer, type RecipeCall
} from './recipe-call.js'

/** Any JSON value, `null` too. */
const anyValue: OptionKind = { expected: 'a JSON value', fits: () => true, keepsNull: true }

/** The body of a write of a map. */
interface MapWrite {
    readonly value?: unknown
    /** The value before the write. */
    readonly expected?: unknown
    /** Whether the key must be absent before the write. */
    readonly isNew?: boolean
}

const MAP_WRITE: OptionTable<MapWrite> = { value: anyValue, expected: anyValue, isNew: flag }

/** A whole number, as the recipe itself checks. */
const NUMBER: OptionKind = fitting('a number', (value) => typeof value === 'number')

function changed(name: string): RecipeAnswer {
    const message = `The key ${name} has another value than the call expects. Nothing was written; `
        + 'read the value, and decide again.'
    return { status: 409, body: { error: { code: 'refused', message } } }
}

async function answerMapKey(
    map: ReplicatedMap, key: string, { method, query, body, signal }: RecipeCall
): Promise<RecipeAnswer | null> {
    switch (method) {
        case 'GET': {
            const reading = readingOf(query)
            await (reading === undefined ? undefined : map.get(key, reading))
            const entry = map.entry(key)
            return entry === undefined ? absent(`The key ${key}`) : ok({ key, ...entry })
        }
        case 'PUT': {
            const write = fieldsOf('a write', body, MAP_WRITE)
            if (!('value' in write)) {
                rejectArgument('The body of a write is { "value": … }.')
            }
            const isConditional = 'expected' in write || write.isNew === true
            if (!isConditional) {
                return ok({ version: await map.set(key, write.value, { signal }) })
            }
            const isDone = await map.compareAndSet(key, write.expected, write.value, { signal })
            return isDone ? ok({ isDone }) : changed(key)
        }
        case 'DELETE':
            return ok({ version: await map.delete(key, { signal }) })
        default:
            return null
    }
}

/** The calls of a map. */
export async function answerMap(map: ReplicatedMap, call: RecipeCall):
    Promise<RecipeAnswer | null> {
    const [key, ...more] = call.path
    if (key !== undefined) {
        return more.length === 0 ? await answerMapKey(map, key, call) : null
    }
    if (call.method !== 'GET') {
        return null
    }
    const { version, count, size } = map
    const keys = listed(map.entries(), call.query).map(([each]) => each)
    return ok({ version, count, size, keys })
}

/** The calls of counters. */
export async function answerCounter(
    counter: Counter, { method, path: [name, ...more], query, body, signal }: RecipeCall
): Promise<RecipeAnswer | null> {
    if (name === undefined) {
        return method === 'GET'
            ? ok({ count: counter.count, values: listed(counter.entries(), query) })
            : null
    }
    switch (more.length === 0 ? method : '') {
        case 'GET': {
            const reading = readingOf(query)
            return ok({
                value: reading === undefined ? counter.get(name) : await counter.get(name, reading)
            })
        }
        case 'POST': {
            const { by = 1 } = fieldsOf<{ by: number }>('an addition', body, { by: NUMBER })
            return ok({ value: await counter.add(name, by, { signal }) })
        }
        case 'DELETE':
            return ok({ value: await counter.delete(name, { signal }) })
        default:
            return null
    }
}

/** The calls of sequences. */
export async function answerSequence(
    sequence: Sequence, { method, path: [name, ...more], query, body, signal }: RecipeCall
): Promise<RecipeAnswer | null> {
    if (name === undefined) {
        return method === 'GET'
            ? ok({ count: sequence.count, last: listed(sequence.entries(), query) })
            : null
    }
    switch (more.length === 0 ? method : '') {
        case 'GET':
            return ok({ last: sequence.last(name) })
        case 'POST':
            fieldsOf('a number of a sequence', body, {})
            return ok({ value: await sequence.next(name, { signal }) })
        default:
            return null
    }
}

/** The calls of a rate limit. */
export async function answerRateLimit(
    limit: RateLimit, { method, path: [key, ...more], body, signal }: RecipeCall
): Promise<RecipeAnswer | null> {
    if (key === undefined) {
        return method === 'GET' ? ok({ count: limit.count }) : null
    }
    switch (more.length === 0 ? method : '') {
        case 'GET':
            return ok({ remaining: limit.remaining(key) })
        case 'POST': {
            const { cost = 1 } =
                fieldsOf<{ cost: number }>('a rate limit', body, { cost: NUMBER })
            const answer = await limit.take(key, { cost, signal })
            return answer.isAllowed
                ? ok(answer)
                : { status: 429, body: answer, retryAfter: answer.retryAfterMs / 1000 }
        }
        default:
            return null
    }
}
