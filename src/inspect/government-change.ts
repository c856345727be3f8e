import type { HistoryGovernment } from '../replay/history-governments.js'

/** Members in words. */
function named(ids: readonly string[]): string {
    return ids.join(', ')
}

/** The members of a list that another list lacks. */
function without(ids: readonly string[], others: readonly string[]): readonly string[] {
    return ids.filter((id) => !others.includes(id))
}

/** The changes of the seats that the body of a government does not name. */
function seatsOf(
    { government: { majority, minority } }: HistoryGovernment, before: HistoryGovernment | null
): readonly string[] {
    if (before === null) {
        return []
    }
    const { majority: earlier, minority: waiting } = before.government
    const into = without(majority, earlier).filter((id) => waiting.includes(id))
    const out = without(earlier, majority).filter((id) => minority.includes(id))
    return [
        ...(into.length > 0 ? [`${named(into)} moved into the majority`] : []),
        ...(out.length > 0 ? [`${named(out)} moved into the minority`] : [])
    ]
}

/**
 * The change of a government, in words.
 *
 * @param before The government before; `null` if no recording holds the government.
 */
export function changeOf(change: HistoryGovernment, before: HistoryGovernment | null): string {
    const { promise, body } = change
    const { majority: [leader], immigrate, naturalize, exile, promote, demote, map, version } = body
    const isFirst = promise === '1/0'
    const changes = [
        ...(isFirst ? [`${leader} founded the republic`] : []),
        ...(!isFirst && immigrate !== null ? [`${immigrate.id} immigrated`] : []),
        ...(map === null ? [`${leader} leads after a collapse`] : []),
        ...(!isFirst && naturalize !== null ? [`${naturalize} naturalized`] : []),
        ...(exile === null ? [] : [`${exile.id} was exiled`]),
        ...(promote !== null && promote.length > 0
            ? [`${named(promote.map(({ id }) => id))} took a seat`]
            : []),
        ...(typeof demote === 'string' ? [`${demote} gave up its seat`] : []),
        ...(body.move === undefined ? [] : [`${body.move.id} moved to another address`]),
        ...(map !== null && leader !== before?.body.majority[0] && before !== null
            ? [`${leader} leads`]
            : []),
        ...seatsOf(change, before)
    ]
    if (before !== null && version !== undefined && version !== (before.body.version ?? 1)) {
        changes.push(`the republic has version ${version}`)
    }
    return changes.length === 0 ? 'no seat changed' : changes.join('; ')
}
