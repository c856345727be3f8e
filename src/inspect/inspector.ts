import { KibitzError } from '../base/errors.js'
import type { InputsAnswer, OverviewAnswer, RefusedAnswer } from './answers.js'
import { askAnswer } from './ask-answer.js'
import { callAnswer } from './call-answer.js'
import { CallWindows } from './call-window.js'
import { overviewOf } from './overview.js'
import { unsettledAnswer } from './publish-fate.js'
import { number, text } from './query.js'
import { InspectError, type RecordedRepublic } from './recorded-republic.js'
import { WhatIfs } from './what-if.js'
import { compareAnswer, stepAnswer } from './step-answer.js'
import { whyEntry, whyGap } from './why-answer.js'

/** The number of inputs in a list. */
const INPUTS_MAX = 500

/** The number of names in a filter. */
const NAMES_MAX = 100

function set(query: URLSearchParams, name: string): ReadonlySet<string> | null {
    const value = query.get(name)
    return value === null ? null : new Set(value.split(',').slice(0, NAMES_MAX))
}

/** Answers the questions of the page about the recordings of one republic. */
export class Inspector {
    readonly #republic: RecordedRepublic
    readonly #calls: CallWindows
    readonly #whatIfs: WhatIfs
    /** The overview of the first `of` inputs. */
    #overview: {
        readonly of: number, readonly isWhole: boolean, readonly answer: OverviewAnswer
    } | null = null

    constructor(republic: RecordedRepublic) {
        this.#republic = republic
        this.#calls = new CallWindows(republic)
        this.#whatIfs = new WhatIfs(republic, (continued) => new Inspector(continued))
    }

    /** All members over the whole time, as far as the recordings are read. */
    get overview(): OverviewAnswer {
        const { done: of, progress } = this.#republic
        const isWhole = progress === null
        if (this.#overview?.of !== of || this.#overview.isWhole !== isWhole) {
            this.#overview = { of, isWhole, answer: overviewOf(this.#republic) }
        }
        return this.#overview.answer
    }

    /** Whether the published values are replaced. */
    get isRedacted(): boolean {
        return this.#republic.isRedacted
    }

    /**
     * The answer to a question, such as `step?member=a&number=3`.
     *
     * @throws InspectError, or KibitzError `invalid-argument`, `trimmed`, `journal-damaged`.
     */
    async answer(question: string): Promise<object> {
        const at = question.indexOf('?')
        const name = at === -1 ? question : question.slice(0, at)
        const query = new URLSearchParams(at === -1 ? '' : question.slice(at))
        const republic = this.#republic
        const variant = query.get('variant')
        if (variant !== null && !name.startsWith('what-if')) {
            query.delete('variant')
            return await this.#whatIfs.answerIn(variant, `${name}?${query}`)
        }
        switch (name) {
            case 'overview':
                return this.overview
            case 'window':
                return this.#calls.window({
                    from: number(query, 'from'), to: number(query, 'to'),
                    methods: set(query, 'methods'), members: set(query, 'members'),
                    entry: query.get('entry')
                })
            case 'inputs':
                return this.#inputs(text(query, 'member'), number(query, 'from'))
            case 'what-if-test':
                return this.#whatIfs.test(text(query, 'variant'))
            case 'gap':
                return whyGap(republic, number(query, 'index'))
            default:
                return await republic.alone(() => this.#moving(name, query))
        }
    }

    /** The answers that move the replayers. */
    async #moving(name: string, query: URLSearchParams): Promise<object> {
        const republic = this.#republic
        switch (name) {
            case 'step':
                return await stepAnswer(republic, this.#calls, text(query, 'member'),
                    number(query, 'number'))
            case 'call':
                return await callAnswer(republic, this.#calls, number(query, 'id'))
            case 'entry':
                republic.rejectUnread(text(query, 'promise'))
                return await whyEntry(republic, text(query, 'promise'))
            case 'place':
                return await this.#place(text(query, 'member'), text(query, 'promise'))
            case 'open':
                return await unsettledAnswer(republic, text(query, 'member'),
                    query.has('ticket') ? number(query, 'ticket') : null)
            case 'compare':
                return await this.#compare(query)
            case 'what-if':
                republic.rejectReading('A variant')
                return await this.#whatIfs.try(query)
            case 'ask':
                return await askAnswer(republic, {
                    member: text(query, 'member'), expression: text(query, 'expression'),
                    from: number(query, 'from')
                })
            default:
                throw new InspectError(`There is no question ${name}.`)
        }
    }

    #inputs(member: string, from: number): InputsAnswer {
        const { first, last } = this.#republic.lane(member)
        const begin = Math.max(first, Math.floor(from))
        const count = Math.max(0, Math.min(INPUTS_MAX, last - begin + 1))
        const inputs = Array.from({ length: count }, (_, index) => {
            const place = { member, number: begin + index }
            return {
                ...this.#republic.describe(place), at: this.#republic.at(place),
                entries: this.#republic.entriesAt(place)
            }
        })
        return { member, first, last, inputs }
    }

    /** The input of a member that has added an entry to its log. */
    async #place(member: string, promise: string): Promise<object> {
        const lane = this.#republic.lane(member)
        this.#republic.rejectUnread(promise, [lane])
        const step = await lane.replayer.seek(promise)
        return { member, number: step?.number ?? 0 }
    }

    async #compare(query: URLSearchParams): Promise<object> {
        const left = [text(query, 'member'), number(query, 'number')] as const
        const right = [text(query, 'other'), number(query, 'otherNumber')] as const
        return {
            ...await compareAnswer(this.#republic, left, right),
            left: this.#republic.describe({ member: left[0], number: left[1] }),
            right: this.#republic.describe({ member: right[0], number: right[1] })
        }
    }
}

/** A refusal in place of an answer. Other errors are mistakes of the program, and pass. */
export function refusalOf(error: unknown): RefusedAnswer {
    if (error instanceof InspectError || error instanceof KibitzError) {
        return { error: error.message }
    }
    throw error
}
