import { isDeepStrictEqual } from 'node:util'
import type { Outcome } from './island.js'
import type { Government, Logged } from './member.js'
import { governmentsOf, line } from './walk.js'

/** What is wrong, one sentence each; an empty list is agreement. */
export type Findings = readonly string[]

function toWords(promise: string): bigint[] {
    return promise.split('/').map((word) => BigInt(`0x${word}`))
}

/** Orders two promises as numbers. It is its own code, so that it can judge everybody else's. */
export function comparePromises(left: string, right: string): number {
    const those = toWords(right)
    for (const [index, word] of toWords(left).entries()) {
        const difference = word - (those[index] ?? -1n)
        if (difference !== 0n) {
            return difference < 0n ? -1 : 1
        }
    }
    return 0
}

function isBefore(left: string, right: string): boolean {
    return comparePromises(left, right) < 0
}

/** The government a log ends in. */
export function reigning(log: readonly Logged[]): Government | null {
    return governmentsOf(log).at(-1) ?? null
}

function compareLogs(id: string, theirs: readonly Logged[], ours: readonly Logged[]): Findings {
    for (const [index, entry] of theirs.entries()) {
        const other = ours[index]
        if (!isDeepStrictEqual(entry, other)) {
            return [
                `${id} differs at ${entry.promise}:\n  reference ${describe(entry)}\n` +
                `  ours      ${other === undefined ? 'nothing' : describe(other)}`
            ]
        }
    }
    const extra = ours[theirs.length]
    return extra === undefined ? [] : [`${id} has more than the reference: ${describe(extra)}`]
}

// The line leaves out what rarely differs, so the entry follows it whole.
function describe(entry: Logged): string {
    return `${line(entry)} ${JSON.stringify(entry)}`
}

function compareIds(theirs: Outcome, ours: Outcome): Findings {
    const [reference, mine] = [[...theirs.logs.keys()], [...ours.logs.keys()]]
    return isDeepStrictEqual(reference, mine) ? [] : [`members ${mine}, not ${reference}`]
}

/** Whether both sides have every entry of every member's log alike. */
export function compareWalks(theirs: Outcome, ours: Outcome): Findings {
    return [
        ...compareIds(theirs, ours),
        ...[...theirs.logs].flatMap(([id, log]) => compareLogs(id, log, ours.logs.get(id) ?? []))
    ]
}

function withoutMaps(log: readonly Logged[]): readonly object[] {
    return log.flatMap((entry) => {
        const { kind } = entry
        return kind === 'government' ? [{ ...entry.government, ...entry.change, map: {} }] : []
    })
}

/**
 * Whether both sides have the same governments, where the order in which different publishers'
 * entries reach the leader is a matter of timing, and with it what each government renumbers.
 */
export function compareGovernments(theirs: Outcome, ours: Outcome): Findings {
    return [...compareIds(theirs, ours), ...[...theirs.logs].flatMap(([id, log]) => {
        const [reference, mine] = [log, ours.logs.get(id) ?? []].map(withoutMaps)
        return isDeepStrictEqual(reference, mine)
            ? []
            : [`${id} has ${JSON.stringify(mine)}, not ${JSON.stringify(reference)}`]
    })]
}

/** Every user entry of the republic's log in order, from any member that holds the entry. */
function entriesOf({ logs, crashed }: Outcome): readonly (Logged & { kind: 'entry' })[] {
    const union = new Map<string, Logged>()
    for (const log of [...crashed.map((member) => member.log), ...logs.values()]) {
        for (const entry of log) {
            union.set(entry.promise, entry)
        }
    }
    return [...union.values()]
        .sort((left, right) => comparePromises(left.promise, right.promise))
        .filter((entry) => entry.kind === 'entry')
}

/** Whether both sides have the same entries in the same order; the numbers may differ. */
export function compareOrders(theirs: Outcome, ours: Outcome): Findings {
    const [reference, mine] = [theirs, ours].map((outcome) => {
        return entriesOf(outcome).map(({ id, cookie, body }) => ({ id, cookie, body }))
    })
    return isDeepStrictEqual(reference, mine)
        ? []
        : [`entries ${JSON.stringify(mine)}, not ${JSON.stringify(reference)}`]
}

/** The members and the voters, without ranks and numbers. */
function membership(government: Government | null): object {
    if (government === null) {
        return {}
    }
    const { majority, minority, constituents, naturalized, properties } = government
    return {
        citizens: [...majority, ...minority, ...constituents].sort(),
        seats: { majority: majority.length, minority: minority.length },
        naturalized: [...naturalized].sort(),
        properties,
        incarnations: Object.keys(government.immigrated.promise).sort()
    }
}

/** Both sides must agree after a collapse on the members and on the number of seats. */
export function compareEnds(theirs: Outcome, ours: Outcome): Findings {
    const findings = [...compareIds(theirs, ours)]
    for (const [id, log] of theirs.logs) {
        const reference = membership(reigning(log))
        const mine = membership(reigning(ours.logs.get(id) ?? []))
        if (!isDeepStrictEqual(reference, mine)) {
            findings.push(
                `${id} ends in ${JSON.stringify(mine)}, not in ${JSON.stringify(reference)}`
            )
        }
    }
    return findings
}

function sizesOf(outcome: Outcome): readonly object[] {
    return [...outcome.logs.values()].map((log) => {
        const government = reigning(log)
        return {
            majority: government?.majority.length,
            minority: government?.minority.length,
            constituents: government?.constituents.length,
            naturalized: government?.naturalized.length
        }
    })
}

/** What both sides must share where it was left to chance who died: how many are left of what. */
export function compareSizes(theirs: Outcome, ours: Outcome): Findings {
    const [reference, mine] = [sizesOf(theirs), sizesOf(ours)]
    return isDeepStrictEqual(reference, mine)
        ? []
        : [`sizes ${JSON.stringify(mine)}, not ${JSON.stringify(reference)}`]
}

/** Whether each entry names the one before it and none comes twice or late. */
function inspectChain(id: string, log: readonly Logged[]): Findings {
    return log.slice(1).flatMap((entry, index) => {
        const previous = log[index]?.promise ?? ''
        const findings: string[] = []
        if (entry.previous !== previous) {
            findings.push(`${id} has ${entry.promise} behind ${previous}, not ${entry.previous}`)
        }
        if (!isBefore(previous, entry.promise)) {
            findings.push(`${id} has ${entry.promise} after ${previous}`)
        }
        return findings
    })
}

/**
 * Whether all logs are views of one: whatever one member holds, each holds alike that was admitted
 * before it, and the living hold it to the end. What a member held when it died counts too.
 */
function inspectAgreement({ logs, crashed }: Outcome): Findings {
    const findings: string[] = []
    const union = new Map<string, { id: string, entry: Logged }>()
    const all = [...crashed, ...[...logs].map(([id, log]) => ({ id, log }))]
    for (const { id, log } of all) {
        for (const entry of log) {
            const known = union.get(entry.promise)
            if (known === undefined) {
                union.set(entry.promise, { id, entry })
            } else if (!isDeepStrictEqual(known.entry, entry)) {
                findings.push(`${entry.promise} is one thing for ${known.id}, another for ${id}`)
            }
        }
    }
    for (const [id, log] of logs) {
        const first = log[0]?.promise ?? ''
        const held = new Set(log.map(({ promise }) => promise))
        for (const [promise, known] of union) {
            if (first !== '' && !isBefore(promise, first) && !held.has(promise)) {
                findings.push(`${id} lacks ${promise}, which ${known.id} has`)
            }
        }
    }
    return findings
}

/** By publisher, what it has in the log. A body of `null` is a flush, and no user's. */
function bodiesOf(outcome: Outcome): Map<string, unknown[]> {
    const bodies = new Map<string, unknown[]>()
    for (const { id, body } of entriesOf(outcome)) {
        if (body !== null) {
            bodies.set(id, [...bodies.get(id) ?? [], body])
        }
    }
    return bodies
}

/** Whether what each member published is in the log once and in order; all of it, if it lives. */
function inspectPublished(outcome: Outcome): Findings {
    const bodies = bodiesOf(outcome)
    return [...outcome.published].flatMap(([id, published]) => {
        const found = bodies.get(id) ?? []
        const wanted = outcome.crashed.some((member) => member.id === id)
            ? published.filter((body) => found.includes(body))
            : published
        return isDeepStrictEqual(found, wanted)
            ? []
            : [`${id} published ${JSON.stringify(wanted)}, the log has ${JSON.stringify(found)}`]
    })
}

/** Whether one republic is consistent, without a comparison. */
export function inspect(outcome: Outcome): Findings {
    const ends = new Set([...outcome.logs.values()].map((log) => log.at(-1)?.promise))
    return [
        ...outcome.logs.size === 0 ? ['nobody is left'] : [],
        ...ends.has(undefined) ? ['somebody living has no log'] : [],
        ...ends.size > 1 ? [`the living end at ${[...ends].join(' and ')}`] : [],
        ...[...outcome.logs].flatMap(([id, log]) => inspectChain(id, log)),
        ...inspectAgreement(outcome),
        ...inspectPublished(outcome),
        ...[...outcome.waiting].flatMap(([id, count]) => {
            return count === 0 ? [] : [`${id} still waits for ${count}`]
        })
    ]
}
