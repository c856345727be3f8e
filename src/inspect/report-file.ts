import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { PlaceAnswer, WindowAnswer } from './answers.js'
import type { Inspector } from './inspector.js'
import { refusalOf } from './inspector.js'
import { documentOf, type PageFiles } from './page-files.js'

/** The number of steps of all members in a report. */
const STEPS_MAX = 1_500

/** The number of calls with their bodies: the calls of elections, and the lost ones. */
const CALLS_MAX = 300

/** The number of explained entries. */
const ENTRIES_MAX = 300

/** The size of all answers in a report, in characters of JSON. */
const SIZE_MAX = 128 * 1024 * 1024

/** The number of inputs in a list, as the page asks for. */
const LIST = 500

/** The answers of an inspector, by question. */
class Answers {
    readonly #inspector: Inspector
    readonly #all = new Map<string, object>()
    #size = 0

    constructor(inspector: Inspector) {
        this.#inspector = inspector
    }

    get isFull(): boolean {
        return this.#size > SIZE_MAX
    }

    /** The answers, as JSON. */
    get json(): string {
        return JSON.stringify(Object.fromEntries(this.#all))
    }

    async take(question: string): Promise<object | null> {
        if (this.isFull || this.#all.has(question)) {
            return this.#all.get(question) ?? null
        }
        const answer = await this.#inspector.answer(question).catch(refusalOf)
        this.#size += JSON.stringify(answer).length
        this.#all.set(question, answer)
        return answer
    }
}

/** The inputs that a report shows first: around the governments, and the last ones. */
function placesOf({ overview: { lanes, governments } }: Inspector): PlaceAnswer[] {
    const near = governments.flatMap(({ place: { member, number } }) =>
        [0, -1, 1, -2, 2, -3, 3].map((distance) => ({ member, number: number + distance })))
    const roles = lanes.flatMap((lane) =>
        lane.roles.flatMap(({ member, number }) =>
            [0, -1, 1].map((distance) => ({ member, number: number + distance }))))
    const depth = Math.max(0, ...lanes.map(({ first, last }) => last - first))
    const latest: PlaceAnswer[] = []
    for (let back = 0; back <= depth && latest.length < STEPS_MAX; back++) {
        for (const { member, last } of lanes) {
            latest.push({ member, number: last - back })
        }
    }
    const valid = new Map(lanes.map((lane) => [lane.member, lane]))
    return [...near, ...roles, ...latest].filter(({ member, number }) => {
        const lane = valid.get(member)
        return lane !== undefined && number >= lane.first && number <= lane.last
    })
}

async function collect(inspector: Inspector): Promise<Answers> {
    const { overview } = inspector
    const answers = new Answers(inspector)
    await answers.take('overview')
    const window = await answers.take(`window?from=${overview.from}&to=${overview.to + 1}`)
    const { calls = [] } = window as Partial<WindowAnswer>
    const telling = calls.filter(({ method, fate }) => fate !== 'received'
        || method === 'canvass' || method === 'prepare')
    for (const { id } of telling.slice(0, CALLS_MAX)) {
        await answers.take(`call?id=${id}`)
    }
    for (const { index } of overview.gaps) {
        await answers.take(`gap?index=${index}`)
    }
    for (const { member } of overview.lanes) {
        await answers.take(`open?member=${encodeURIComponent(member)}`)
    }
    const entries = new Set(overview.governments.map(({ promise }) => promise))
    const places = new Set<string>()
    for (const { member, number } of placesOf(inspector)) {
        const name = encodeURIComponent(member)
        if (places.size < STEPS_MAX && !places.has(`${name} ${number}`)) {
            places.add(`${name} ${number}`)
            const step = await answers.take(`step?member=${name}&number=${number}`)
            const added = step !== null && 'entries' in step ? step.entries : []
            for (const { promise } of added as readonly { readonly promise: string }[]) {
                entries.add(promise)
            }
        }
    }
    for (const promise of [...entries].slice(0, ENTRIES_MAX)) {
        await answers.take(`entry?promise=${encodeURIComponent(promise)}`)
    }
    for (const { member, first, last } of overview.lanes) {
        for (let from = first; from <= last && from < first + 40 * LIST; from += LIST) {
            await answers.take(`inputs?member=${encodeURIComponent(member)}&from=${from}`)
        }
    }
    return answers
}

/**
 * One file with the page and its answers, for a bug report. The file loads nothing. The answers are
 * packed, so no text of a recording is HTML.
 */
export async function reportOf(inspector: Inspector, { script, style }: PageFiles):
Promise<string> {
    const answers = await collect(inspector)
    const packed = gzipSync(answers.json, { level: 6 }).toString('base64')
    // A script ends at the first closing tag, also inside of a text.
    const code = script.replaceAll('</script', '<\\/script')
    const hash = createHash('sha256').update(code).digest('base64')
    const policy = `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; `
        + "img-src data:; base-uri 'none'; form-action 'none'"
    return documentOf('kibitz report',
        `<meta http-equiv="content-security-policy" content="${policy}">\n<style>${style}</style>`,
        `<script type="application/octet-stream" id="answers">${packed}</script>\n`
        + `<script>${code}</script>`)
}
