import { GAP } from '../../src/base/publish-identity.js'
import type { BatchReply, Message } from '../../src/publisher/islander-types.js'
import type {
    Entry, GovernmentBody, LogEntry, Request, Response, UserBody
} from '../../src/paxos/messages/messages.js'
import type { Government } from '../../src/paxos/messages/messages.js'

/** The number of promises that are printed one by one. */
const PROMISES_MAX = 4

/** `key=value` for a value, nothing for an empty value. */
function pairs(record: Readonly<Record<string, string | null>>): string {
    return Object.entries(record)
        .filter(([, value]) => value !== null && value !== '')
        .map(([key, value]) => `${key}=${value}`)
        .join(' ')
}

function list(items: readonly string[]): string {
    return items.length === 0 ? '' : `(${items.join(' ')})`
}

function join(...parts: readonly string[]): string {
    return parts.filter((part) => part !== '').join(' ')
}

/** `(3/1 3/2)`, or for many promises `(3/1 … 3/14: 20)`. */
function promises(numbers: readonly string[]): string {
    return numbers.length <= PROMISES_MAX
        ? `(${numbers.join(' ')})`
        : `(${numbers[0]} … ${numbers.at(-1)}: ${numbers.length})`
}

function run(entries: readonly Entry[]): string {
    return promises(entries.map(({ promise }) => promise))
}

/** The seats: `majority=(0 1) minority=(2) constituents=(3)`. */
export function seats(government: Government): string {
    const { majority, minority, constituents } = government
    return pairs({
        majority: list(majority), minority: list(minority), constituents: list(constituents)
    })
}

function mapping({ map }: GovernmentBody): string {
    if (map === null) {
        return 'map=null'
    }
    const pairs = Object.entries(map).map(([from, to]) => `${from}→${to}`)
    return pairs.length === 0 ? '' : `map=${list(pairs)}`
}

function change(body: GovernmentBody): string {
    return join(pairs({
        immigrate: body.immigrate?.id ?? null,
        naturalize: body.naturalize,
        exile: body.exile?.id ?? null,
        promote: list(body.promote?.map(({ id }) => id) ?? []),
        demote: body.demote ?? null
    }), mapping(body))
}

function value(body: unknown): string {
    return body === null ? 'flush' : String(body)
}

function publication({ id, cookie, body }: UserBody): string {
    return `by=${id} cookie=${cookie} ${value(body)}`
}

/** An entry as the application receives it. */
export function enacted(entry: LogEntry): string {
    return entry.method === 'government'
        ? join('government', entry.promise, seats(entry.government), change(entry.body))
        : join('entry', entry.promise, publication(entry.body))
}

/** A batch on its way to the leader. */
export function batch(messages: readonly Message[]): string {
    const said = messages.map(({ cookie, body }) => `${cookie}=${value(body)}`)
    return join('enqueue', promises(said))
}

/** The leader's answer to a batch. */
export function receipts(reply: BatchReply | null): string {
    const isRefused = reply === null || reply === GAP
    return join('receipts', isRefused ? reply ?? 'none' : promises(Object.values(reply)))
}

/** The former leader that ceded to the candidate, as the candidate reports. */
function cededIn(asked: Request): string | null {
    return 'ceded' in asked ? asked.ceded ?? null : null
}

/** A request, on demand with the lowest promise that every member holds. */
export function request(asked: Request, withMinimum: boolean): string {
    const { method, committed } = asked
    const minimum = withMinimum ? asked.minimum : null
    const standing = asked.standing === null ? 'none' : null
    switch (asked.method) {
        case 'register':
            return join(method, asked.ballot, pairs({
                after: asked.previous, entries: run(asked.entries), committed, minimum, standing
            }))
        case 'synchronize':
            return join(method, pairs({
                after: asked.previous, entries: run(asked.entries), committed, minimum, standing
            }), asked.welcome === null ? '' : 'welcome')
        case 'prepare':
        case 'cede':
            return join(method, asked.ballot, pairs({ committed, ceded: cededIn(asked) }))
        case 'canvass':
            return join(method, pairs({ committed, ceded: cededIn(asked) }))
        case 'petition':
            return join(method, pairs({ committed }))
        default:
            return asked satisfies never
    }
}

/** An answer; `null` is a missing answer. */
export function response(answer: Response | null, withMinimum: boolean): string {
    if (answer === null) {
        return 'nothing'
    }
    if (answer.method === 'unreachable') {
        return join(answer.method, answer.exiled ? 'exiled' : '')
    }
    const { method, committed, ballot } = answer
    const reports = pairs({
        minimum: withMinimum ? answer.minimum.reduced : null,
        naturalizing: list(answer.naturalizing),
        leaving: list(answer.leaving ?? []),
        silent: list(answer.silent)
    })
    switch (answer.method) {
        case 'recorded':
            return join(method, answer.accepted, pairs({ through: answer.position, committed }),
                reports)
        case 'promised':
            return join(method, ballot, pairs({
                accepted: answer.accepted, entries: run(answer.entries)
            }), reports)
        case 'ahead':
            return join(method, pairs({ after: answer.previous, entries: run(answer.entries) }))
        case 'refused':
            return join(method, pairs({ promised: ballot, committed }))
        default:
            return join(method, pairs({ committed }), reports)
    }
}
