import { differsInOrder, shortText, textOfBytes } from './canonical.js'
import type { TrialFinding } from './finding.js'
import { differentOrder, traceIterations } from './iteration-trace.js'
import { copyFields, differentField } from './own-fields.js'
import { isSame, type ReplayComparison, type StepDifference } from './replay-comparison.js'
import { type Replica, ReplicaError } from './replica.js'

/** The time after which a late restore has ended, in milliseconds. */
const LATE_MS = 10_000

/** A state of the log: the steps before `index` are applied. */
interface Cut {
    readonly index: number
    readonly bytes: Buffer
}

function stateDifference({ index, bytes }: Cut, other: Buffer): StepDifference | null {
    const [one, text] = [textOfBytes(bytes), textOfBytes(other)]
    return isSame('state', one, text) ? null
        : { index: index - 1, what: 'state', one, other: text, asked: [] }
}

/** Some states of the log: after a quarter, the half, three quarters and all of the steps. */
async function cutsOf(replays: ReplayComparison): Promise<readonly Cut[]> {
    const { length } = replays.log
    const indexes = new Set([1, ...[0.25, 0.5, 0.75, 1].map((part) => Math.ceil(length * part))])
    const donor = await replays.replica()
    const cuts: Cut[] = []
    let from = 0
    for (const index of indexes) {
        await replays.advance(donor, from, index)
        cuts.push({ index, bytes: await donor.state() })
        from = index
    }
    await donor.end()
    return cuts
}

/** Restores a state in an empty application, which then must have this state. */
async function findOtherState(
    replays: ReplayComparison, replica: Replica, cut: Cut
): Promise<TrialFinding | null> {
    const empty = await replica.state()
    try {
        await replica.restore(cut.bytes, cut.index)
    } catch (error) {
        return restoreThrew(replays, cut, error)
    }
    const restored = await replica.state()
    const difference = stateDifference(cut, restored)
    if (difference === null) {
        return null
    }
    const { one, other } = difference
    const where = `${replays.describe(difference)}, before and after the restore`
    await replica.rest(LATE_MS)
    if (stateDifference(cut, await replica.state()) === null) {
        return {
            kind: 'entry-missing', message: 'restore returns before it has replaced the state, so '
                + `the entries until then are lost: ${where}. Return a promise from restore that `
                + 'waits for all work.'
        }
    }
    if (differsInOrder(one, other)) {
        return {
            kind: 'iteration-order', message: `restore changes an order: ${where}. Sort in `
                + 'snapshot, or keep the order in the state.'
        }
    }
    const what = restored.equals(empty) ? 'changes nothing' : 'restores another state'
    return {
        kind: 'restore-differs', message: `restore ${what}: ${where}. After restore, snapshot must `
            + 'return the restored state.'
    }
}

/** The finding that `restore` refuses a state which `snapshot` has returned. */
function restoreThrew(replays: ReplayComparison, { index }: Cut, error: unknown): TrialFinding {
    if (error instanceof ReplicaError) {
        throw error
    }
    return {
        kind: 'application-error', cause: error, message: 'restore throws for the state that '
            + `snapshot returns at ${replays.nameOf(index - 1)}: ${String(error)}. The state comes `
            + 'in pieces of any size, as plain Uint8Arrays: put the bytes together, then decode.'
    }
}

/** The fields of a member with and without a restore at a cut. */
async function fieldsAfter(
    replays: ReplayComparison, { index, bytes }: Cut
): Promise<readonly [StepReplicas, ReturnType<typeof differentField>]> {
    const [one, other] = [await replays.replica(), replays.empty()]
    await replays.advance(one, 0, index)
    await other.restore(bytes, index)
    return [{ one, other }, differentField(copyFields(one.user), copyFields(other.user))]
}

/** Two replicas at the same step, the second one restored. */
interface StepReplicas {
    readonly one: Replica
    readonly other: Replica
}

/** Explains a difference after a restore. */
async function explainDifference(
    replays: ReplayComparison, cut: Cut, difference: StepDifference
): Promise<TrialFinding> {
    const { log } = replays
    const { index } = difference
    const [{ one, other }, field] = await fieldsAfter(replays, cut)
    const where = `after a restore of the state at ${replays.nameOf(cut.index - 1)}, `
        + replays.describe(difference)
    if (field !== null) {
        return {
            kind: 'snapshot-omits', message: `snapshot omits a part of the state that apply uses: ${
                where}. After the restore, the field ${field.path.slice(1)} differs: `
                + `${shortText(field.one ?? 'nothing')} and ${shortText(field.other ?? 'nothing')}.`
        }
    }
    await replays.advance(one, cut.index, index)
    await replays.advance(other, cut.index, index)
    const step = log[index]
    if (step !== undefined) {
        const orders: Awaited<ReturnType<typeof traceIterations>>[] = []
        for (const replica of [one, other]) {
            await replica.state()
            orders.push(await traceIterations(() => replica.apply(step, index, false)))
        }
        const keys = differentOrder(orders[0] ?? [], orders[1] ?? [])
        if (keys !== null) {
            return {
                kind: 'iteration-order', message: 'apply depends on the order of a collection that '
                    + `restore does not keep: ${where}. The keys are ${shortText(keys[0])} and `
                    + `${shortText(keys[1])}. Sort before the use, or keep the order in the `
                    + 'snapshot.'
            }
        }
    }
    const cause = await findWrongCount(replays, cut, difference)
    if (cause !== null) {
        return { ...cause, message: `${cause.message}: ${where}. Each entry comes once.` }
    }
    return {
        kind: 'snapshot-omits', message: `snapshot omits a part of the state that apply uses: ${
            where}. Compare the fields of the application with the fields in snapshot and restore.`
    }
}

/** Finds that a restored application ignores an entry, or applies an entry twice. */
async function findWrongCount(
    replays: ReplayComparison, cut: Cut, { index }: StepDifference
): Promise<TrialFinding | null> {
    const [right, before, after] = [await stateAfter(replays, null, index + 1),
        await stateAfter(replays, cut, index), await stateAfter(replays, cut, index + 1)]
    if (isSame('state', right, after)) {
        return null
    }
    if (isSame('state', before, after)) {
        return {
            kind: 'entry-missing', message: 'After a restore, the application ignores an entry'
        }
    }
    for (const repeated of [index, cut.index - 1]) {
        if (isSame('state', await stateAfter(replays, null, index + 1, repeated), after)) {
            return {
                kind: 'entry-repeated', message: 'After a restore, the application applies '
                    + `${replays.nameOf(repeated)} twice`
            }
        }
    }
    return null
}

/** The state after some steps, with a restore at a cut, or with one step twice. */
async function stateAfter(
    replays: ReplayComparison, cut: Cut | null, end: number, repeated: number | null = null
): Promise<string> {
    const replica = cut === null ? await replays.replica() : replays.empty()
    if (cut !== null) {
        await replica.restore(cut.bytes, cut.index)
    }
    if (repeated !== null) {
        await replays.advance(replica, cut?.index ?? 0, repeated + 1)
        await replays.advance(replica, repeated, end)
    } else {
        await replays.advance(replica, cut?.index ?? 0, end)
    }
    return textOfBytes(await replica.state())
}

/** Restores a state in an application that has applied the whole log. */
async function findRemains(
    replays: ReplayComparison, cut: Cut, failure: Error | null
): Promise<TrialFinding | null> {
    const replica = await replays.replica()
    if (failure === null) {
        await replays.advance(replica, 0, replays.log.length)
    } else {
        await replica.restore(cut.bytes, cut.index, failure).catch(() => {})
    }
    await replica.restore(cut.bytes, cut.index)
    const difference = stateDifference(cut, await replica.state())
        ?? await replays.compare(replica, cut.index)
    await replica.end()
    const before = failure === null ? 'the former state' : 'the state of a transfer that broke off'
    return difference === null ? null : {
        kind: 'restore-adds', message: `restore keeps a part of ${before}: after a restore of the `
            + `state at ${replays.nameOf(cut.index - 1)}, ${replays.describe(difference)}. restore `
            + 'must replace the whole state.'
    }
}

/** Looks for a fault of `snapshot` and `restore`: restores in the middle of the log. */
export async function findRestoreFault(replays: ReplayComparison): Promise<TrialFinding | null> {
    const cuts = await cutsOf(replays)
    for (const cut of cuts) {
        const replica = replays.empty()
        const found = await findOtherState(replays, replica, cut)
        if (found !== null) {
            return found
        }
        const difference = await replays.compare(replica, cut.index)
        await replica.end()
        if (difference !== null) {
            return await explainDifference(replays, cut, difference)
        }
    }
    const [cut = null] = cuts
    if (cut === null) {
        return null
    }
    return await findRemains(replays, cut, null)
        ?? await findRemains(replays, cut, new Error('The transfer of the state has broken off.'))
}
