import { UsageError } from '../usage-error.js'

/** A condition on a record: the field at a path has a value, as text. */
export interface RecordCondition {
    readonly path: readonly string[]
    readonly value: string
}

/** The maximum number of conditions. */
const CONDITIONS_MAX = 64

/**
 * Reads the conditions of `--where`: `method=receive,from=b`.
 *
 * @throws UsageError if a condition has no field.
 */
export function parseWhere(text: string): readonly RecordCondition[] {
    const parts = text.split(',')
    if (parts.length > CONDITIONS_MAX) {
        throw new UsageError(`--where takes ${CONDITIONS_MAX} conditions at most.`)
    }
    return parts.map((part) => {
        const at = part.indexOf('=')
        if (at < 1) {
            throw new UsageError(`--where takes conditions such as method=receive,from=b, not ${
                part}.`)
        }
        return { path: part.slice(0, at).split('.'), value: part.slice(at + 1) }
    })
}

function fieldOf(value: unknown, name: string): unknown {
    return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? Reflect.get(value, name)
        : undefined
}

function follow(value: unknown, path: readonly string[]): unknown {
    return path.reduce(fieldOf, value)
}

/** The text of a field. A member, such as the sender of a request, is known by its id. */
function textOf(value: unknown): string | undefined {
    const scalar = fieldOf(value, 'id') ?? value
    return typeof scalar === 'object' && scalar !== null ? undefined : String(scalar)
}

/**
 * Whether a record, as parsed JSON, fulfils all conditions. A path begins at the record, or, if the
 * record has no such field, at the body.
 */
export function fulfils(record: unknown, conditions: readonly RecordCondition[]): boolean {
    return conditions.every(({ path, value }) => {
        const found = follow(record, path) ?? follow(fieldOf(record, 'body'), path)
        return found !== undefined && textOf(found) === value
    })
}
