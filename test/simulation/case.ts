import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../../src/command/usage-error.js'
import {
    type Durable, FAULT_KINDS, type Fault, type FaultKind, type Healing, type Options, type Plan,
    type Saturation
} from './plan.js'
import type { Property } from './violation.js'
import type { Climate } from '../../src/testing/weather.js'

/** Where the cases are that `npm test` runs. */
export const CORPUS: string = fileURLToPath(
    new URL('../../../test/simulation/corpus/', import.meta.url)
)

/** The least that made a property fail once: it has to end well ever after. */
export interface Case {
    /** What was wrong, and what mended it; empty until somebody says so. */
    readonly cause: string
    readonly property: Property
    /** What was said of it then. */
    readonly message: string
    readonly plan: Plan
}

/** How much of a message is kept. */
const MESSAGE_MAX = 200

/** Makes something of a value that was read, or says where it makes no sense. */
type Reader<Value> = (value: unknown, at: string) => Value

function wrong(at: string, what: string): never {
    throw new UsageError(`${at} is no ${what}.`)
}

const text: Reader<string> = (value, at) =>
    (typeof value === 'string' ? value : wrong(at, 'text'))

const isSet: Reader<boolean> = (value, at) =>
    (typeof value === 'boolean' ? value : wrong(at, 'yes or no'))

const number: Reader<number> = (value, at) =>
    (typeof value === 'number' && value >= 0 ? value : wrong(at, 'number'))

const whole: Reader<number> = (value, at) =>
    (Number.isSafeInteger(number(value, at)) ? number(value, at) : wrong(at, 'whole number'))

/** JSON knows no infinity; what never comes is written as nothing. */
const duration: Reader<number> = (value, at) =>
    (value === null ? Number.POSITIVE_INFINITY : number(value, at))

function oneOf<Value extends string>(values: readonly Value[]): Reader<Value> {
    return (value, at) =>
        values.find((one) => one === value) ?? wrong(at, `one of ${values.join(', ')}`)
}

function list<Value>(reader: Reader<Value>): Reader<readonly Value[]> {
    return (value, at) => (Array.isArray(value)
        ? value.map((item, index) => reader(item, `${at}[${index}]`))
        : wrong(at, 'list'))
}

/** Exactly these fields. */
function record<Value extends object>(
    readers: { readonly [Key in keyof Value]-?: Reader<Value[Key]> }
): Reader<Value> {
    const fields = Object.entries(readers) as [keyof Value & string, Reader<unknown>][]
    return (value, at) => {
        if (typeof value !== 'object' || value === null) {
            return wrong(at, 'record')
        }
        const alien = Object.keys(value).find((name) => !Object.hasOwn(readers, name))
        if (alien !== undefined) {
            wrong(`${at}.${alien}`, 'part of it')
        }
        const given = value as Record<string, unknown>
        return Object.fromEntries(fields.map(([name, reader]) =>
            [name, reader(given[name], `${at}.${name}`)])) as Value
    }
}

const readFault = record<Fault>({
    kind: oneOf<FaultKind>(FAULT_KINDS), atMs: number, forMs: number, force: number, seed: whole
})

const readDurable = record<Durable>({
    patienceMs: whole, flushMs: number, snapshotMs: duration, isAjar: isSet
})

const readSaturation = record<Saturation>({ callers: whole, barrierMs: duration })

/** A part that older cases do not have. */
function optional<Value>(reader: Reader<Value>): Reader<Value | null> {
    return (value, at) => ((value ?? null) === null ? null : reader(value, at))
}

const readPlan = record<Plan>({
    seed: whole,
    options: record<Options>({
        ping: whole, timeout: whole, parliamentSize: whole, parliamentFloor: whole, window: whole,
        batch: whole, history: whole
    }),
    population: whole,
    // Older cases have a member on each host.
    vacant: (value, at) => (value === undefined ? [] : list(whole)(value, at)),
    climate: record<Climate>({ latencyMs: number, jitterMs: number, isOrdered: isSet }),
    callLimitMs: duration,
    isRefused: isSet,
    isWired: isSet,
    isRecorded: isSet,
    capacity: number,
    publishMs: duration,
    saturation: optional(readSaturation),
    isBornInFaults: isSet,
    faultsMs: number,
    faults: list(readFault),
    healing: oneOf<Healing>(['all', 'core']),
    earlier: optional(number),
    durable: optional(readDurable)
})

/** Those that are looked after are a matter of the checks; here it is but a name. */
const property: Reader<Property> = (value, at) =>
    (/^[SL]\d{1,2}$/.test(text(value, at)) ? value as Property : wrong(at, 'property'))

const readParts = record<Case>({
    cause: text, property, message: text, plan: readPlan
})

/**
 * Reads a case from its text.
 *
 * @throws UsageError that says where it makes no sense.
 */
export function readCase(source: string): Case {
    let value: unknown
    try {
        value = JSON.parse(source)
    } catch (error) {
        throw new UsageError(`It is no JSON: ${String(error)}`)
    }
    return readParts(value, 'case')
}

/**
 * Reads a case from its file.
 *
 * @throws UsageError that says why not.
 */
export function loadCase(path: string): Case {
    let source: string
    try {
        source = readFileSync(path, 'utf8')
    } catch (error) {
        throw new UsageError(`${path} cannot be read: ${String(error)}`)
    }
    try {
        return readCase(source)
    } catch (error) {
        throw error instanceof UsageError ? new UsageError(`${path}: ${error.message}`) : error
    }
}

/** The text of a case: a line for each of its parts, and for each fault. */
export function writeCase({ cause, property, message, plan }: Case): string {
    const { faults, ...rest } = plan
    const parts = Object.entries(rest).map(([name, value]) =>
        `        ${JSON.stringify(name)}: ${JSON.stringify(value)},`)
    const lines = faults.map((fault) => `            ${JSON.stringify(fault)}`)
    return [
        '{',
        `    "cause": ${JSON.stringify(cause)},`,
        `    "property": ${JSON.stringify(property)},`,
        `    "message": ${JSON.stringify(message.slice(0, MESSAGE_MAX))},`,
        '    "plan": {',
        ...parts,
        lines.length === 0 ? '        "faults": []' : '        "faults": [',
        ...(lines.length === 0 ? [] : [lines.join(',\n'), '        ]']),
        '    }',
        '}',
        ''
    ].join('\n')
}
