import type { Played } from '../member/inputs.js'
import { Replayer } from '../replay/replayer.js'
import { recordedOutcome, runVariant, type VariantResult } from '../variant/run-variant.js'
import { variantOf } from '../variant/variant-of.js'
import type { VariantOutcome, VariantPublish } from '../variant/variant-outcome.js'
import { changeInWords, variantTest } from '../variant/variant-test.js'
import type { Variant, VariantChange } from '../variant/variant.js'
import { text } from './query.js'
import { InspectError, RecordedRepublic } from './recorded-republic.js'
import { redactValue } from './redaction.js'
import { shortText } from './value-tree.js'
import type {
    WhatIfAnswer, WhatIfColumn, WhatIfDifference, WhatIfPublish, WhatIfTestAnswer
} from './what-if-answers.js'

/** The number of publishes in an answer: first the ones that differ. */
const PUBLISHES_MAX = 200

/** The number of governments and gaps in an answer. */
const PARTS_MAX = 500

/** The number of characters of a published value. */
const VALUE_MAX = 60

/** Answers questions about the continuation of a variant. */
export interface VariantAnswers {
    answer(question: string): Promise<object>
}

/** The last variant, with everything that is known about the variant. */
interface Tried {
    readonly id: number
    readonly variant: Variant
    readonly outcome: VariantOutcome
    readonly inspector: VariantAnswers
}

/** The change of a request. The variant checks members and durations. */
function changeOf(query: URLSearchParams): VariantChange {
    const kind = text(query, 'kind')
    const ms = Number(query.get('ms') ?? '1000')
    switch (kind) {
        case 'drop':
        case 'double':
        case 'reorder':
        case 'nothing':
            return { kind }
        case 'delay':
            return { kind, ms }
        case 'cut':
            return { kind, ms, members: [text(query, 'target'), text(query, 'other')] }
        case 'crash':
            return { kind, ms, member: text(query, 'target') }
        default:
            throw new InspectError('A change is drop, delay, double, reorder, cut or crash.')
    }
}

/** An input without its values. */
function inputInWords(played: Played | null): string {
    if (played === null) {
        return 'nothing'
    }
    switch (played.method) {
        case 'event':
            return `the timer ${played.body.key}`
        case 'receive':
            return `${played.body.method} from ${played.body.from.id}`
        case 'sent':
            return `the answer of ${Object.keys(played.body.responses).join(', ')}`
        default:
            return played.method
    }
}

function differenceOf({ difference }: VariantResult): WhatIfDifference | null {
    return difference === null ? null : {
        member: difference.member, number: difference.index, at: Math.round(difference.at),
        unchanged: inputInWords(difference.unchanged),
        changed: difference.changed === null ? null : inputInWords(difference.changed)
    }
}

function columnOf(name: string, outcome: VariantOutcome): WhatIfColumn {
    const { governments, gaps, publishes, endsAt } = outcome
    const inLog = publishes.filter(({ promise }) => promise !== null).length
    return {
        name, endsAt, published: publishes.length, inLog,
        governments: governments.slice(0, PARTS_MAX), gaps: gaps.slice(0, PARTS_MAX)
    }
}

function fateOf(publish: VariantPublish | undefined): string {
    if (publish === undefined) {
        return 'not published'
    }
    const { promise, settledAt } = publish
    return settledAt === null
        ? 'no outcome'
        : promise === null ? `given up after ${settledAt} ms` : `${promise} after ${settledAt} ms`
}

/** The publishes, matched by the ticket; first those with other entries. */
function publishesOf(
    outcomes: readonly VariantOutcome[], isRedacted: boolean
): Pick<WhatIfAnswer, 'publishes' | 'publishesTotal'> {
    const rows = new Map<string, (VariantPublish | undefined)[]>()
    outcomes.forEach(({ publishes }, column) => {
        for (const publish of publishes) {
            const name = `${publish.ticket} ${publish.member}`
            const row = rows.get(name) ?? outcomes.map(() => undefined)
            row[column] = publish
            rows.set(name, row)
        }
    })
    const all = [...rows.values()].flatMap((row): (WhatIfPublish & { isSame: boolean })[] => {
        const [known] = row.filter((each) => each !== undefined)
        if (known === undefined) {
            return []
        }
        const value = known.value === null
            ? 'a barrier'
            : shortText(isRedacted ? redactValue(known.value) : known.value, VALUE_MAX)
        const isSame = row.every((each) => each?.promise === known.promise)
        return [{
            member: known.member, ticket: known.ticket, value, fates: row.map(fateOf), isSame
        }]
    })
    const sorted = [...all.filter(({ isSame }) => !isSame), ...all.filter(({ isSame }) => isSame)]
    return { publishes: sorted.slice(0, PUBLISHES_MAX), publishesTotal: sorted.length }
}

/** Continues the recordings of a republic with a change, and holds the last continuation. */
export class WhatIfs {
    readonly #republic: RecordedRepublic
    readonly #inspect: (republic: RecordedRepublic) => VariantAnswers
    #last: Tried | null = null
    #count = 0

    /** @param inspect Makes the answers about a continued republic. */
    constructor(
        republic: RecordedRepublic, inspect: (republic: RecordedRepublic) => VariantAnswers
    ) {
        this.#republic = republic
        this.#inspect = inspect
    }

    #tried(id: string): Tried {
        if (this.#last === null || String(this.#last.id) !== id) {
            throw new InspectError('This variant is gone: another variant was tried. Try it again.')
        }
        return this.#last
    }

    /** Answers a question about the continuation of a variant. @throws InspectError. */
    async answerIn(id: string, question: string): Promise<object> {
        return await this.#tried(id).inspector.answer(question)
    }

    /** Runs a variant. Moves the replayers. @throws InspectError, or KibitzError. */
    async try(query: URLSearchParams): Promise<WhatIfAnswer> {
        const { history, isRedacted } = this.#republic
        const change = changeOf(query)
        const variant = await variantOf(history, {
            at: { member: text(query, 'member'), number: Number(text(query, 'number')) }, change,
            durationMs: Number(query.get('durationMs') ?? '10000'),
            seed: Number(query.get('seed') ?? '1')
        })
        const recorded = await recordedOutcome(history, variant)
        const result = await runVariant(variant)
        this.#count++
        this.#last = {
            id: this.#count, variant, outcome: result.changed,
            inspector: this.#inspect(await this.#continued(result))
        }
        const outcomes = [recorded, result.unchanged, result.changed]
        return {
            id: this.#count, what: changeInWords(change, variant.point), at: variant.point.at,
            durationMs: variant.settings.durationMs, missing: variant.missing,
            columns: [
                columnOf('as recorded', recorded), columnOf('continued', result.unchanged),
                columnOf('with the change', result.changed)
            ],
            ...publishesOf(outcomes, isRedacted),
            difference: differenceOf(result), isSavable: !isRedacted
        }
    }

    /** The continued members as a republic of recordings. */
    async #continued({ recordings }: VariantResult): Promise<RecordedRepublic> {
        const replayers: Replayer[] = []
        for (const { state, inputs } of recordings) {
            if (state !== null || inputs.length > 0) {
                const source = { recording: inputs, ...(state !== null && { state }) }
                replayers.push(await Replayer.from(source, { checkpointsAhead: false }))
            }
        }
        return await RecordedRepublic.join(replayers, this.#republic.isRedacted)
    }

    /** A test that repeats the variant. @throws InspectError, or KibitzError `too-large`. */
    test(id: string): WhatIfTestAnswer {
        if (this.#republic.isRedacted) {
            throw new InspectError('The test would hold the published values. Nothing was saved; '
                + 'open the journals without --redact.')
        }
        const { variant, outcome } = this.#tried(id)
        const { member, number } = variant.point
        const safe = member.replace(/[^A-Za-z0-9-]/g, '_')
        return {
            name: `${variant.change.kind}-${safe}-${number}.test.mjs`,
            text: variantTest(variant, outcome)
        }
    }
}
