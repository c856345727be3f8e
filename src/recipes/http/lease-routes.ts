import { rejectArgument } from '../../base/errors.js'
import {
    count, fitting, flag, milliseconds, type OptionTable
} from '../../base/option-table.js'
import { ENQUEUE_OPTIONS } from '../job-options.js'
import type { Jobs } from '../jobs.js'
import type { Leadership } from '../leadership.js'
import { LEASE_TIME_OPTIONS, type LockUseOptions } from '../lock-options.js'
import type { LockLease } from '../lock-commands.js'
import type { Locks } from '../locks.js'
import { absent, fieldsOf, listed, ok, type RecipeAnswer, type RecipeCall } from './recipe-call.js'

/** The body of a request for a lock. */
type LockRequestBody = Omit<LockUseOptions, 'signal'>

const LOCK_REQUEST: OptionTable<LockRequestBody> = {
    ...LEASE_TIME_OPTIONS, timeout: milliseconds, permits: count(1_000_000), wait: flag,
    releaseOnExile: flag
}

/** The longest wait for a lock without the field `timeout`, in milliseconds. */
const WAIT_MS = 30_000

/** The body of a new job. */
interface JobBody {
    readonly payload: unknown
    readonly attempts?: number
    readonly backoff?: number
}

const { attempts, backoff } = ENQUEUE_OPTIONS
const JOB_BODY: OptionTable<JobBody> = {
    payload: { ...fitting('a JSON value', () => true), keepsNull: true }, attempts, backoff
}

/** A lease without the ids of its process. */
function shown({ name, publisher, token, ttl }: LockLease): object {
    return { name, publisher, token, ttl }
}

/** The calls of locks. */
export async function answerLocks(
    locks: Locks, { method, path: [name, id, ...more], query, body, signal, leases }: RecipeCall
): Promise<RecipeAnswer | null> {
    if (name === undefined || (id === undefined && method === 'GET')) {
        const all = locks.leases().filter((lease) => name === undefined || lease.name === name)
        return method === 'GET' ? ok({
            count: all.length, leases: listed(all, query).map(shown),
            ...(name === undefined ? {} : { waiting: locks.waiting(name) })
        }) : null
    }
    if (id === undefined) {
        if (method !== 'POST') {
            return null
        }
        const { timeout = WAIT_MS, ...options } = fieldsOf('a lock', body, LOCK_REQUEST)
        const lease = await leases.acquire(locks, name, { ...options, timeout, signal })
        return { status: 201, body: lease, undo: () => leases.release(name, lease.id) }
    }
    switch (more.length === 0 ? method : '') {
        case 'PUT': {
            const lease = leases.extend(name, id)
            return lease === null ? absent(`The lease ${id} of the lock ${name}`) : ok(lease)
        }
        case 'DELETE':
            return ok({ wasHeld: leases.release(name, id) })
        default:
            return null
    }
}

/** The calls of a leadership. */
export function answerLeadership(
    { leader }: Leadership, { method, path }: RecipeCall
): RecipeAnswer | null {
    return method === 'GET' && path.length === 0
        ? ok({ leader: leader === null ? null : shown(leader) })
        : null
}

/** The calls of jobs. */
export async function answerJobs(
    jobs: Jobs, { method, path: [key, ...more], query, body, signal }: RecipeCall
): Promise<RecipeAnswer | null> {
    if (key === undefined) {
        const [open, past] = [jobs.jobs(), jobs.past()]
        return method === 'GET' ? ok({
            count: open.length,
            jobs: listed(open, query).map(({ key: of, state, attempt, error }) =>
                ({ key: of, state, attempt, error })),
            past: listed(past.toReversed(), query)
        }) : null
    }
    switch (more.length === 0 ? method : '') {
        case 'GET': {
            const job = jobs.job(key)
            return job === undefined ? absent(`The job ${key}`) : ok(job)
        }
        case 'PUT': {
            const { payload, ...options } = fieldsOf('a job', body, JOB_BODY)
            if (payload === undefined) {
                rejectArgument('The body of a job is { "payload": … }.')
            }
            const isNew = await jobs.enqueue(key, payload, { ...options, signal })
            return { status: isNew ? 201 : 200, body: { isNew } }
        }
        default:
            return null
    }
}
