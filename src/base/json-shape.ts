import { freeze } from './freeze.js'

// The form of JSON texts that differ in a few values only.

/** A value that is the same in all texts. The value is frozen, and all results share the value. */
export interface Same {
    readonly kind: 'same'
    readonly raw: string
    readonly value: unknown
}

/** A list whose items have one form. */
interface List {
    readonly kind: 'list'
    readonly item: Form
}

/** An object whose keys differ from text to text. The values have one form. */
interface Table {
    readonly kind: 'table'
    readonly item: Form
}

/** A member of an object whose value differs from text to text. */
interface Member {
    /** The text between the member before and the value. */
    readonly before: string
    readonly key: string
    readonly part: Form
}

/** An object with fixed keys. */
export interface Keyed {
    readonly kind: 'keyed'
    readonly parts: ReadonlyMap<string, Form>
    /** An object with all keys in order; the values of `members` are missing. */
    readonly pattern: Readonly<Record<string, unknown>>
    readonly members: readonly Member[]
    /** The text after the last member. */
    readonly after: string
}

/** The form of a value: `text` and `count` are a string and a number of any value. */
export type Form = Same | List | Table | Keyed | { readonly kind: 'text' | 'count' }

/** A JSON object. */
export type Dictionary = Readonly<Record<string, unknown>>

const TEXT: Form = { kind: 'text' }
const COUNT: Form = { kind: 'count' }

/** Whether a JSON value is an object. */
export function isDictionary(value: unknown): value is Dictionary {
    return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The form of one value alone. */
export function sameOf(value: unknown): Same {
    return { kind: 'same', raw: JSON.stringify(value), value }
}

/** The form of an object with fixed keys; `null` if assignment could not make the object. */
function keyedOf(parts: ReadonlyMap<string, Form>): Keyed | null {
    if (parts.has('__proto__')) {
        return null
    }
    const pattern: Record<string, unknown> = {}
    const members: Member[] = []
    let before = '{'
    for (const [key, part] of parts) {
        before += `${before === '{' ? '' : ','}${JSON.stringify(key)}:`
        if (part.kind === 'same') {
            before += part.raw
            pattern[key] = freeze(part.value)
        } else {
            members.push({ before, key, part })
            pattern[key] = null
            before = ''
        }
    }
    return { kind: 'keyed', parts, pattern, members, after: `${before}}` }
}

/** The form that includes one more value; `null` if there is none. */
export function formOfBoth(part: Form, value: unknown): Form | null {
    switch (part.kind) {
        case 'same':
            return JSON.stringify(value) === part.raw ? part : formOfValues(part.value, value)
        case 'text':
            return typeof value === 'string' ? part : null
        case 'count':
            return typeof value === 'number' ? part : null
        case 'list':
            return Array.isArray(value) ? listOf(part.item, value) : null
        case 'table':
            return isDictionary(value) ? tableOf(part.item, Object.values(value)) : null
        default:
            return isDictionary(value) ? keyedOfBoth(part.parts, value) : null
    }
}

/** The form of two different values; `null` if there is none. */
function formOfValues(one: unknown, other: unknown): Form | null {
    if (typeof one === 'string' && typeof other === 'string') {
        return TEXT
    }
    if (typeof one === 'number' && typeof other === 'number') {
        return COUNT
    }
    if (Array.isArray(one) && Array.isArray(other)) {
        const [first, ...rest] = [...one, ...other]
        return listOf(sameOf(first), rest)
    }
    if (!isDictionary(one) || !isDictionary(other)) {
        return null
    }
    const parts = new Map(Object.entries(one).map(([key, value]) => [key, sameOf(value)]))
    const values = [...Object.values(one), ...Object.values(other)]
    return keyedOfBoth(parts, other)
        ?? (values.every((value) => typeof value === 'string') ? tableOf(TEXT, []) : null)
}

function itemOf(item: Form, values: readonly unknown[]): Form | null {
    return values.reduce((form: Form | null, value) => {
        return form === null ? null : formOfBoth(form, value)
    }, item)
}

function listOf(item: Form, values: readonly unknown[]): List | null {
    const form = itemOf(item, values)
    return form === null ? null : { kind: 'list', item: form }
}

function tableOf(item: Form, values: readonly unknown[]): Table | null {
    const form = itemOf(item, values)
    return form === null ? null : { kind: 'table', item: form }
}

function keyedOfBoth(parts: ReadonlyMap<string, Form>, value: Dictionary): Keyed | null {
    const keys = Object.keys(value)
    const forms = new Map<string, Form>()
    for (const [key, part] of parts) {
        const form = key === keys[forms.size] ? formOfBoth(part, value[key]) : null
        if (form === null) {
            return null
        }
        forms.set(key, form)
    }
    return keys.length === forms.size ? keyedOf(forms) : null
}
