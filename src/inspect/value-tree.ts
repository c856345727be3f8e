import type { TreeAnswer } from './answers.js'
import {
    isPublished, isPublishedList, redactedText, redactValue, textWithin
} from './redaction.js'

/** The number of parts of a list or an object that a tree shows, changed parts first. */
const PARTS_MAX = 60

/** The number of nodes of a tree. */
const NODES_MAX = 6_000

/** The depth of a tree. */
const DEPTH_MAX = 40

/** The number of characters of a value. */
export const TEXT_MAX = 400

/** The number of paths in a list of changes. */
const CHANGES_MAX = 200

/** A value as JSON, cut after a limit. */
export function shortText(value: unknown, max: number = TEXT_MAX): string {
    return textWithin(JSON.stringify(value) ?? 'undefined', max)
}

/** The part of a value that is compared with another value; absent on one side. */
const ABSENT: unique symbol = Symbol('absent')

type Compared = unknown

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === 'object' && value !== null
}

/** Whether two values are equal as JSON. Shared parts are compared by identity first. */
export function isSame(one: unknown, other: unknown): boolean {
    if (one === other) {
        return true
    }
    if (!isObject(one) || !isObject(other) || Array.isArray(one) !== Array.isArray(other)) {
        return false
    }
    const names = Object.keys(one)
    return names.length === Object.keys(other).length
        && names.every((name) => Object.hasOwn(other, name) && isSame(one[name], other[name]))
}

/** The number of leading items of a list that another list no longer has, if the rest shifted. */
function shiftOf(before: readonly unknown[], now: readonly unknown[]): number {
    const [first] = now
    if (first === undefined || isSame(before[0], first)) {
        return 0
    }
    const at = before.findIndex((item) => isSame(item, first))
    return Math.max(at, 0)
}

/** A part of a list or an object, with the same part before. */
interface Pair {
    readonly name: string
    readonly now: Compared
    readonly before: Compared
}

function pairsOf(now: object, before: Compared): readonly Pair[] {
    if (Array.isArray(now)) {
        const earlier: readonly unknown[] = Array.isArray(before) ? before : []
        const shift = shiftOf(earlier, now)
        const gone = earlier.slice(0, shift).map((item, index): Pair =>
            ({ name: `-${index}`, now: ABSENT, before: item }))
        const kept = now.map((item: unknown, index): Pair => ({
            name: String(index), now: item,
            before: index + shift < earlier.length ? earlier[index + shift] : ABSENT
        }))
        const rest = earlier.slice(now.length + shift).map((item, index): Pair =>
            ({ name: `-${now.length + shift + index}`, now: ABSENT, before: item }))
        return [...gone, ...kept, ...rest]
    }
    const earlier = isObject(before) && !Array.isArray(before) ? before : {}
    const names = [...new Set([...Object.keys(now), ...Object.keys(earlier)])]
    return names.map((name) => ({
        name,
        now: Object.hasOwn(now, name) ? Reflect.get(now, name) as unknown : ABSENT,
        before: Object.hasOwn(earlier, name) ? earlier[name] : ABSENT
    }))
}

/** The choice of the parts to show: the first and the last ones, and the changed ones. */
function chosen(pairs: readonly Pair[], isCompared: boolean): readonly Pair[] {
    if (pairs.length <= PARTS_MAX) {
        return pairs
    }
    const edge = PARTS_MAX / 4
    const wanted = new Set<Pair>([...pairs.slice(0, edge), ...pairs.slice(-edge)])
    if (isCompared) {
        for (const pair of pairs) {
            if (wanted.size < PARTS_MAX && !isSame(pair.now, pair.before)) {
                wanted.add(pair)
            }
        }
    }
    return pairs.filter((pair) => wanted.has(pair))
}

/**
 * Makes trees of values: bounded, with the changes against an earlier value, and without published
 * values if these are redacted.
 */
export class TreeMaker {
    readonly #isRedacted: boolean
    readonly #changes: string[] = []
    #nodes = 0
    #differences = 0

    constructor(isRedacted: boolean) {
        this.#isRedacted = isRedacted
    }

    /** The paths of the changed parts of all trees so far. */
    get changes(): readonly string[] {
        return this.#changes
    }

    /** The number of changed parts of all trees so far. */
    get differences(): number {
        return this.#differences
    }

    /** The tree of a value alone. */
    tree(name: string, value: unknown): TreeAnswer {
        return this.#node({ name, now: value, before: value }, '', 0)
    }

    /** The tree of a value with the changes against an earlier value. */
    compared(name: string, now: unknown, before: unknown): TreeAnswer {
        return this.#node({ name, now, before }, '', 0)
    }

    #node({ name, now, before }: Pair, path: string, depth: number): TreeAnswer {
        this.#nodes++
        if (now === ABSENT) {
            this.#note(path)
            return { name, kind: 'value', change: 'gone', text: this.#text(before, path) }
        }
        const isNew = before === ABSENT
        if (isObject(now) && (depth > DEPTH_MAX || this.#nodes > NODES_MAX)) {
            return { name, kind: 'omitted', text: 'not shown' }
        }
        if (!isObject(now)) {
            return this.#leaf(name, now, before, path)
        }
        const isChanged = !isSame(now, before)
        if (isNew) {
            this.#note(path)
        }
        // A part of an unchanged or of a new value is compared with itself.
        const pairs = pairsOf(now, isChanged && !isNew ? before : now)
        const shown = chosen(pairs, isChanged && !isNew)
        const parts = shown.map((pair) => this.#part(now, pair, path, depth))
        const omitted = pairs.length - shown.length
        return {
            name, kind: Array.isArray(now) ? 'list' : 'object',
            size: Object.keys(now).length,
            parts: omitted === 0
                ? parts
                : [...parts, { name: '', kind: 'omitted', text: `${omitted} more` }],
            ...(isNew ? { change: 'new' as const } : isChanged ? { change: 'inside' as const } : {})
        }
    }

    #part(owner: object, pair: Pair, path: string, depth: number): TreeAnswer {
        const inner = path === '' ? pair.name : `${path}.${pair.name}`
        const isValue = this.#isRedacted
            && (isPublished(owner, pair.name) || isPublishedList(path))
        const hide = (value: Compared): Compared => (value === ABSENT ? ABSENT : redactValue(value))
        const shown = isValue
            ? { name: pair.name, now: hide(pair.now), before: hide(pair.before) }
            : pair
        return this.#node(shown, inner, depth + 1)
    }

    #leaf(name: string, now: unknown, before: Compared, path: string): TreeAnswer {
        const node = { name, kind: 'value' as const, text: this.#text(now, path) }
        if (before === ABSENT) {
            this.#note(path)
            return { ...node, change: 'new' }
        }
        if (isSame(now, before)) {
            return node
        }
        this.#note(path)
        return { ...node, change: 'changed', before: this.#text(before, path) }
    }

    /** A value as text. An object beyond the limits of the tree shows its size alone. */
    #text(value: unknown, path: string): string {
        if (!isObject(value)) {
            return shortText(value)
        }
        if (this.#isRedacted && isPublishedList(path.replace(/\.-?\d+$/, ''))) {
            return shortText(redactValue(value))
        }
        return this.#isRedacted ? textWithin(redactedText(value), TEXT_MAX) : shortText(value)
    }

    #note(path: string): void {
        this.#differences++
        if (this.#changes.length < CHANGES_MAX) {
            this.#changes.push(path)
        }
    }
}
