import type { RefusedAnswer, WindowAnswer } from '../answers.js'

/** The answers that a report holds, by question; `null` on a served page. */
let held: Promise<Readonly<Record<string, object>>> | null = null

/** The variant that answers the questions; `null`: the recordings answer. */
let variant: number | null = null

/** Chooses the variant that answers the next questions. */
export function askVariant(id: number | null): void {
    variant = id
}

/** Unpacks the answers of a report. */
async function unpack(text: string): Promise<Readonly<Record<string, object>>> {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
    return JSON.parse(await new Response(stream).text()) as Readonly<Record<string, object>>
}

/** Reads the answers from the document, if the page is a report. Returns whether it is. */
export function openReport(): boolean {
    const element = document.getElementById('answers')
    if (element === null) {
        return false
    }
    held = unpack(element.textContent ?? '')
    return true
}

/** The calls and the inputs of a part of the window of a report. */
function windowOf(whole: WindowAnswer, question: string): WindowAnswer {
    const query = new URLSearchParams(question.slice(question.indexOf('?')))
    const [from, to] = [Number(query.get('from')), Number(query.get('to'))]
    const methods = query.get('methods')?.split(',') ?? null
    const isWithin = (at: number): boolean => at >= from && at <= to
    const marks = whole.marks.filter(({ at }) => isWithin(at))
    const calls = whole.calls.filter(({ sentAt, method }) => isWithin(sentAt)
        && (methods === null || methods.includes(method)))
    return { marks, calls, marksTotal: marks.length, callsTotal: calls.length }
}

async function heldAnswer(all: Readonly<Record<string, object>>, question: string):
Promise<object> {
    const exact = Object.hasOwn(all, question) ? all[question] : undefined
    if (exact !== undefined) {
        return exact
    }
    const whole = Object.keys(all).find((name) => name.startsWith('window?'))
    if (question.startsWith('window?') && whole !== undefined) {
        return windowOf(all[whole] as WindowAnswer, question)
    }
    return await Promise.resolve({
        error: 'This report does not hold the answer. Open the journals with kibitz inspect.'
    })
}

/** The question for the variant. A question about variants is for the recordings. */
function within(question: string): string {
    const isPlain = variant === null || question.startsWith('what-if')
        || question === 'revision'
    return isPlain ? question : `${question}${question.includes('?') ? '&' : '?'}variant=${variant}`
}

/** Asks the inspector. @throws Error with the reason of a refusal. */
export async function ask<Answer extends object>(question: string): Promise<Answer> {
    const answer = held === null
        ? await fetch(`api/${within(question)}`)
            .then((response) => response.json() as Promise<object>)
        : await heldAnswer(await held, question)
    if ('error' in answer) {
        throw new Error((answer as RefusedAnswer).error)
    }
    return answer as Answer
}

/** A question with its parts, encoded. */
export function questionOf(
    name: string, parts: Readonly<Record<string, string | number | null>>
): string {
    const encoded = Object.entries(parts).flatMap(([key, value]) =>
        (value === null ? [] : [`${key}=${encodeURIComponent(value)}`]))
    return encoded.length === 0 ? name : `${name}?${encoded.join('&')}`
}
