import { InspectError } from './recorded-republic.js'

/** A part of a question. @throws InspectError without the part. */
export function text(query: URLSearchParams, name: string): string {
    const value = query.get(name)
    if (value === null) {
        throw new InspectError(`The request lacks ${name}.`)
    }
    return value
}

/** A number in a question. @throws InspectError. */
export function number(query: URLSearchParams, name: string): number {
    const value = Number(text(query, name))
    if (!Number.isFinite(value)) {
        throw new InspectError(`${name} is no number.`)
    }
    return value
}
