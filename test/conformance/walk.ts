import assert from 'node:assert/strict'
import type { Outcome } from './island.js'
import type { Change, Government, Logged } from './member.js'

function list(ids: readonly string[]): string {
    return `(${ids.join(' ')})`
}

/** An entry in one line: for a government its majority, minority and constituents, its change. */
export function line(entry: Logged): string {
    if (entry.kind === 'entry') {
        return `${entry.promise} ${entry.id}:${entry.cookie} ${JSON.stringify(entry.body)}`
    }
    const { majority, minority, constituents, naturalized } = entry.government
    const { immigrate, exile, naturalize, promote, demote, map } = entry.change
    const named = Object.entries({ immigrate, exile, naturalize, demote })
    return [
        entry.promise, list(majority), list(minority), list(constituents),
        `naturalized=${list(naturalized)}`,
        ...named.filter(([, id]) => id !== null).map(([name, id]) => `${name}=${id}`),
        ...promote.length === 0 ? [] : [`promote=${list(promote)}`],
        ...map === null || Object.keys(map).length !== 0 ? [`map=${JSON.stringify(map)}`] : []
    ].join(' ')
}

/** The log of a member that lives. */
export function logOf(outcome: Outcome, id: string): readonly Logged[] {
    const log = outcome.logs.get(id)
    assert(log !== undefined, `${id} lives`)
    return log
}

export function governmentsOf(log: readonly Logged[]): Government[] {
    return log.flatMap((entry) => entry.kind === 'government' ? [entry.government] : [])
}

/** What each government in a member's log says has changed. */
export function changesOf(outcome: Outcome, id: string): Change[] {
    return logOf(outcome, id).flatMap((entry) => {
        return entry.kind === 'government' ? [entry.change] : []
    })
}

/** What each government in a member's log is about, in a word. */
export function kindsOf(outcome: Outcome, id: string): string[] {
    return changesOf(outcome, id).map((change) => {
        const { map, promote, ...named } = change
        if (map === null) {
            return 'collapse'
        }
        const [first] = Object.entries(named).find(([, name]) => name !== null) ?? []
        return first ?? (promote.length === 0 ? 'nothing' : 'promote')
    })
}
