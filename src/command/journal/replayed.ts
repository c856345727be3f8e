import { JoinedHistory } from '../../replay/joined-history.js'
import { explain, type WhyPlace } from '../../replay/why.js'
import type { ReplayedInput } from '../../replay/replay-pass.js'
import type { Replayer } from '../../replay/replayer.js'
import { Monotonic } from '../../base/monotonic.js'
import { columns } from '../columns.js'
import { UsageError } from '../usage-error.js'
import { openRecording, rejectDamage, withDamage } from './damaged-recording.js'
import { FolderError } from './inspect.js'
import type { JournalOptions } from './options.js'
import { writeLines } from './write-lines.js'

/** An instant as text; a foreign recording may hold an instant beyond every date. */
export function instant(when: number): string {
    const date = new Date(when)
    return Number.isNaN(date.getTime()) ? String(when) : date.toISOString()
}

/** The lines of the log: each entry with the input that added the entry. */
async function* logLines(replayer: Replayer, { from, to }: JournalOptions): AsyncGenerator<string> {
    const range = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
    for await (const { number, played, entries } of replayer.steps(range)) {
        for (const { promise, method, body } of entries) {
            yield JSON.stringify({ record: number, when: instant(played.when), promise, method,
                body })
        }
    }
}

/** Prints the entries that the inputs of a journal have added to the log. */
export async function printLog(options: JournalOptions): Promise<void> {
    const replayer = await openRecording(options.folder)
    await writeLines(logLines(replayer, options))
    rejectDamage(replayer)
}

/** Replays a journal through a record, and prints the member. */
export async function printReplay({ folder, to, print = 'status' }: JournalOptions): Promise<void> {
    const replayer = await openRecording(folder)
    const last = to ?? replayer.last
    if (last < replayer.first - 1 || last > replayer.last) {
        throw new FolderError(`${folder} holds the records ${replayer.first} to ${replayer.last}, `
            + `not ${last}. Nothing was changed; pass another number.`)
    }
    const step = await replayer.seek(last)
    const { member } = replayer
    const views = {
        status: () => ({
            record: last, when: step === null ? null : instant(step.played.when),
            ...member.inspect(), ...member.contact(), health: member.health()
        }),
        government: () => member.government,
        state: () => member.state()
    }
    await writeLines([JSON.stringify(views[print]())])
    if (to === undefined) {
        rejectDamage(replayer)
    }
}

/** A log on the way through its journal. */
interface ReadLog {
    readonly path: string
    readonly replayer: Replayer
    readonly steps: AsyncIterator<ReplayedInput>
    readonly rest: [number, unknown][]
}

/** The next entry of an iteration; `null` at the end. */
async function nextEntry(
    steps: AsyncIterator<ReplayedInput>, rest: [number, unknown][]
): Promise<[number, unknown] | null> {
    while (rest.length === 0) {
        const { value, done } = await steps.next()
        if (done === true) {
            return null
        }
        const { number, entries } = value as ReplayedInput
        rest.push(...entries.map((entry): [number, unknown] => [number, entry]))
    }
    return rest.shift() ?? null
}

/** The entry with its promise, previous promise and body, as text. */
function textOf(entry: unknown): string {
    const { promise, previous, body } = entry as Record<string, unknown>
    return JSON.stringify({ promise, previous, body })
}

/**
 * Compares the logs of two members, entry by entry, from the first entry that both have. Returns
 * whether the logs agree.
 */
export async function printDifference({ folder, others }: JournalOptions): Promise<boolean> {
    const [other = ''] = others
    const logs: ReadLog[] = []
    for (const path of [folder, other]) {
        const replayer = await openRecording(path)
        logs.push({ path, replayer, steps: replayer.steps(), rest: [] })
    }
    const [one, two] = logs
    if (one === undefined || two === undefined) {
        throw new UsageError('diff takes two folders.')
    }
    const agree = await compareLogs(one, two)
    rejectDamage(one.replayer, two.replayer)
    return agree
}

/** Prints the first difference between two logs. Returns whether the logs agree. */
async function compareLogs(one: ReadLog, two: ReadLog): Promise<boolean> {
    let left = await nextEntry(one.steps, one.rest)
    let right = await nextEntry(two.steps, two.rest)
    let equal = 0
    while (left !== null && right !== null) {
        const order = Monotonic.compare(promiseOf(left), promiseOf(right))
        const isSame = order === 0 && textOf(left[1]) === textOf(right[1])
        if (equal === 0 && order !== 0) {
            // The logs begin at different entries.
            const isLeft = order < 0
            left = isLeft ? await nextEntry(one.steps, one.rest) : left
            right = isLeft ? right : await nextEntry(two.steps, two.rest)
            continue
        }
        if (!isSame) {
            await writeLines([
                `The logs differ after ${equal} equal entries.`,
                `${one.path}, record ${left[0]}: ${textOf(left[1])}`,
                `${two.path}, record ${right[0]}: ${textOf(right[1])}`
            ])
            return false
        }
        equal++
        left = await nextEntry(one.steps, one.rest)
        right = await nextEntry(two.steps, two.rest)
    }
    const [longer, shorter] = left === null ? right === null ? [] : [two, one] : [one, two]
    await writeLines([`The logs agree in ${equal} entries.`
        + (longer === undefined ? '' : ` ${longer.path} continues.`)
        + (shorter === undefined || shorter.replayer.damage === null
            ? ''
            : ` ${shorter.path} is damaged behind these.`)])
    return true
}

function promiseOf([, entry]: [number, unknown]): string {
    return (entry as { readonly promise: string }).promise
}

function row(what: string, { member, number, when, method }: WhyPlace): string[] {
    return [what, member, `record ${number}`, method, instant(when)]
}

/** Explains how an entry came into the logs of the members. */
export async function printWhy({ folder, others, promise = '' }: JournalOptions): Promise<void> {
    const replayers: Replayer[] = []
    for (const path of [folder, ...others]) {
        replayers.push(await openRecording(path))
    }
    const history = await JoinedHistory.of(replayers)
    const why = await explain(history, promise).catch((error: unknown) => {
        throw withDamage(error, replayers)
    })
    const { entry, published, batched, proposed, held, delivered, committedBy } = why
    const rows = [
        ...(published === null ? [] : [row('sent to the leader', published)]),
        ...batched.map((place) => row('taken', place)),
        ...(proposed === null ? [] : [row('sent to a member', proposed)]),
        ...held.map((place) => row('held', place)),
        ...delivered.map((place) => row('in the log', place))
    ]
    await writeLines([
        `${entry.promise} follows ${entry.previous}: ${JSON.stringify(entry.body)}`,
        ...columns(rows),
        ...(committedBy.length === 0
            ? []
            : [`committed by the answer of ${committedBy.join(', ')}`])
    ])
    rejectDamage(...replayers)
}
