import { Counter } from '../counter.js'
import { Jobs } from '../jobs.js'
import { Leadership } from '../leadership.js'
import { Locks } from '../locks.js'
import { RateLimit } from '../rate-limit.js'
import { ReplicatedMap } from '../replicated-map.js'
import { Sequence } from '../sequence.js'
import { answerJobs, answerLeadership, answerLocks } from './lease-routes.js'
import type { RecipeAnswer, RecipeCall } from './recipe-call.js'
import { answerCounter, answerMap, answerRateLimit, answerSequence } from './state-routes.js'

/** A recipe in words, for the status page. */
export interface RecipeSummary {
    readonly kind: string
    /** What a user wants to know first. */
    readonly state: string
    /** A list of at most 20 lines. */
    readonly lines: readonly string[]
}

/** The most lines of a summary. */
const LINES_MAX = 20

/** Answers a call of a recipe; `null` if the recipe has no such call. */
type Route = (call: RecipeCall) => RecipeAnswer | null | Promise<RecipeAnswer | null>

/** The calls of a part; `null` if the part is no recipe. */
export function routeOf(part: unknown): Route | null {
    if (part instanceof ReplicatedMap) {
        return (call) => answerMap(part, call)
    }
    if (part instanceof Locks) {
        return (call) => answerLocks(part, call)
    }
    if (part instanceof Leadership) {
        return (call) => answerLeadership(part, call)
    }
    if (part instanceof Jobs) {
        return (call) => answerJobs(part, call)
    }
    if (part instanceof Counter) {
        return (call) => answerCounter(part, call)
    }
    if (part instanceof Sequence) {
        return (call) => answerSequence(part, call)
    }
    return part instanceof RateLimit ? (call) => answerRateLimit(part, call) : null
}

function some<Item>(items: Iterable<Item>, lineOf: (item: Item) => string): string[] {
    const lines: string[] = []
    for (const item of items) {
        if (lines.length === LINES_MAX) {
            break
        }
        lines.push(lineOf(item))
    }
    return lines
}

/** Describes a part, as this member knows. */
export function summaryOf(part: unknown): RecipeSummary {
    if (part instanceof ReplicatedMap) {
        const { count, size, version } = part
        return {
            kind: 'map', state: `${count} keys, ${size} bytes, version ${version}`,
            lines: some(part.entries(), ([key]) => key)
        }
    }
    if (part instanceof Locks) {
        const leases = part.leases()
        return {
            kind: 'locks', state: `${leases.length} leases`,
            lines: some(leases, ({ name, publisher, token }) =>
                `${name}: ${publisher}, token ${token}, ${part.waiting(name)} wait`)
        }
    }
    if (part instanceof Leadership) {
        const { leader } = part
        return {
            kind: 'leadership', lines: [],
            state: leader === null ? 'no leader' : `${leader.publisher}, token ${leader.token}`
        }
    }
    if (part instanceof Jobs) {
        const jobs = part.jobs()
        return {
            kind: 'jobs', state: `${jobs.length} jobs, ${part.past().length} have ended`,
            lines: some(jobs, ({ key, state, attempt, error }) =>
                `${key}: ${state}, attempt ${attempt} ${error}`)
        }
    }
    if (part instanceof Counter || part instanceof Sequence) {
        return {
            kind: part instanceof Counter ? 'counter' : 'sequence', state: `${part.count} names`,
            lines: some(part.entries(), ([name, value]) => `${name}: ${value}`)
        }
    }
    return part instanceof RateLimit
        ? { kind: 'rate limit', state: `${part.count} keys`, lines: [] }
        : { kind: 'application', state: '', lines: [] }
}
