import { writeFile } from 'node:fs/promises'
import { printable } from '../base/printable.js'
import { Inspector } from '../inspect/inspector.js'
import { InspectError, type RecordedRepublic } from '../inspect/recorded-republic.js'
import { WhatIfs } from '../inspect/what-if.js'
import type { WhatIfAnswer, WhatIfColumn } from '../inspect/what-if-answers.js'
import { columns } from './columns.js'
import { UsageError } from './usage-error.js'

/** A change on the command line. */
export interface WhatIfOptions {
    /** The question of the page about the change. */
    readonly query: URLSearchParams
    /** The file for the test. @default none */
    readonly save?: string
}

/** The options of the command line about a change, as texts. */
export interface WhatIfTexts {
    readonly 'what-if'?: string | undefined
    readonly at?: string | undefined
    readonly lasts?: string | undefined
    readonly continue?: string | undefined
    readonly seed?: string | undefined
    readonly save?: string | undefined
}

/** The help text about a change. */
export const WHAT_IF_HELP = `\
  --what-if CHANGE  continue the history from an input on, with a change, and print
                the result beside the recorded history. CHANGE is drop, delay,
                double or reorder (of the input), cut=ID,ID (a link), crash=ID (a
                member), or nothing
  --at ID:N     the input N of the member ID: the change happens before it
  --lasts MS    the duration of a delay, a cut or a crash (default: 1000)
  --continue MS the continued time (default: 10000)
  --seed N      draws the latencies (default: 1)
  --save FILE   save the variant as a test for node --test
`

/** The names of the numbers in the question. */
const NUMBERS = [['lasts', 'ms'], ['continue', 'durationMs'], ['seed', 'seed']] as const

/** The members of a change, by its kind. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
    drop: [], delay: [], double: [], reorder: [], nothing: [], cut: ['target', 'other'],
    crash: ['target']
}

/** The change of the command line; `null` without one. @throws UsageError. */
export function whatIfOf(texts: WhatIfTexts): WhatIfOptions | null {
    const { 'what-if': change, at, save } = texts
    if (change === undefined) {
        const extra = (['at', 'lasts', 'continue', 'seed', 'save'] as const)
            .find((name) => texts[name] !== undefined)
        if (extra !== undefined) {
            throw new UsageError(`--${extra} needs --what-if.`)
        }
        return null
    }
    const [, member, number] = /^(.+):(\d{1,15})$/s.exec(at ?? '') ?? []
    if (member === undefined || number === undefined) {
        throw new UsageError('--what-if takes --at with a member and an input, such as a:17.')
    }
    const [kind = '', ids] = change.split(/=(.*)/s)
    const names = Object.hasOwn(MEMBERS, kind) ? MEMBERS[kind] : undefined
    const given = ids === undefined ? [] : ids.split(',')
    if (names === undefined || given.length !== names.length) {
        throw new UsageError('--what-if takes drop, delay, double, reorder, nothing, cut=ID,ID or '
            + `crash=ID, not ${change}.`)
    }
    const query = new URLSearchParams({ member, number, kind })
    for (const [index, name] of names.entries()) {
        query.set(name, given[index] ?? '')
    }
    for (const [option, name] of NUMBERS) {
        const text = texts[option]
        if (text !== undefined && !/^\d{1,15}$/.test(text)) {
            throw new UsageError(`--${option} takes a number, not ${text}.`)
        }
        if (text !== undefined) {
            query.set(name, text)
        }
    }
    return { query, ...(save === undefined ? {} : { save }) }
}

function gapsOf({ gaps }: WhatIfColumn): string {
    return gaps.map(({ from, to, after }) =>
        `${Math.round(to - from)} ms from ${Math.round(from)} ms (${after ?? 'no leader'} after)`)
        .join(', ') || 'none'
}

function leadersOf({ governments }: WhatIfColumn): string {
    return governments.map(({ leader }) => leader)
        .filter((leader, index, all) => leader !== all[index - 1]).join(', ') || 'no new government'
}

function linesOf(answer: WhatIfAnswer): readonly string[] {
    const { what, columns: outcomes, difference, missing, publishes, publishesTotal } = answer
    const changes = publishes.filter(({ fates: [, unchanged, changed] }) => unchanged !== changed)
    return [
        `If ${what}:`,
        ...columns([
            ['', 'without a leader', 'leaders', 'publishes in the log'],
            ...outcomes.map((each) => [
                each.name, gapsOf(each), leadersOf(each), `${each.inLog} of ${each.published}`
            ])
        ]),
        difference === null
            ? 'The change changes no input.'
            : `First different input, ${difference.at} ms after the point: ${difference.member} `
                + `gets ${difference.unchanged} without the change, and ${
                    difference.changed ?? 'nothing'} with the change.`,
        ...(changes.length === 0 ? [] : [
            `Publishes with another fate, of ${publishesTotal}:`,
            ...columns([
                ['', '', ...outcomes.map(({ name }) => name)],
                ...changes.map(({ member, ticket, value, fates }) =>
                    [`${member} ${ticket}`, value, ...fates])
            ])
        ]),
        ...(missing.length === 0
            ? []
            : [`Without a recording, and silent: ${missing.join(', ')}.`])
    ]
}

/** Continues the history with a change, prints the result, and saves the test. */
export async function printWhatIf(
    republic: RecordedRepublic, { query, save }: WhatIfOptions
): Promise<void> {
    const whatIfs = new WhatIfs(republic, (continued) => new Inspector(continued))
    try {
        const answer = await whatIfs.try(query)
        process.stdout.write(linesOf(answer).map((line) => `${printable(line)}\n`).join(''))
        if (save !== undefined) {
            await writeFile(save, whatIfs.test(String(answer.id)).text, { mode: 0o600 })
            process.stdout.write(printable(`${save} is written. It holds published values; run it `
                + 'with node --test.\n'))
        }
    } catch (error) {
        throw error instanceof InspectError ? new UsageError(error.message) : error
    }
}
