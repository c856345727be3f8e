/** The parts of a value; `null` if the value has no parts. */
function parts(value: unknown): readonly (readonly [string, unknown])[] | null {
    if (typeof value !== 'object' || value === null) {
        return null
    }
    if (value instanceof Map) {
        return [...value].flatMap(([key, item], index) => [
            [`key ${index}`, key], [`[${String(key)}]`, item]
        ])
    }
    return value instanceof Set ? Object.entries([...value]) : Object.entries(value)
}

/** The kind of a value. */
function kind(value: unknown): string {
    if (typeof value !== 'object' || value === null) {
        return typeof value === 'string' ? JSON.stringify(value) : String(value)
    }
    return `${value.constructor.name} of ${parts(value)?.length}`
}

/** The content of a value, as text. */
function told(value: unknown): string {
    const plain = value instanceof Map || value instanceof Set ? [...value] : value
    return typeof plain === 'object' ? JSON.stringify(plain) : String(plain)
}

/** Whether something is an instance of a class of the core, which alone has fields. */
function isPart(value: object): boolean {
    return ![Object, Array, Map, Set].some((plain) => value.constructor === plain)
}

/** What is told of a part: its fields are told by themselves. */
export const PART = 'a part'

/** A log that can be asked where its entries are. */
interface Held {
    readonly core: {
        readonly log: {
            readonly first: number
            readonly head: number
            promiseAt(position: number): string
            positionOf(promise: string): number
        }
    }
}

/** The first entry that a log finds at a wrong position; `null` if there is none. */
export function misplaced(paxos: object): string | null {
    const { log } = (paxos as Held).core
    for (let position = log.first; position <= log.head; position++) {
        const promise = log.promiseAt(position)
        if (log.positionOf(promise) !== position) {
            return `${promise} is at ${position}, not at ${log.positionOf(promise)}`
        }
    }
    return null
}

/**
 * Goes through object graphs side by side: all that a walk can see, in its order. Remembers what
 * the fields of every class were seen to hold.
 */
export class Likeness {
    /** By class and field: what it held, as far as that is two things. */
    readonly held = new Map<string, Set<string>>()
    readonly #spared: ReadonlySet<string>

    /** @param spared Fields that may differ, as `Class.field`. */
    constructor(spared: Iterable<string>) {
        this.#spared = new Set(spared)
    }

    /** The first difference of two graphs, as a path and the values; `null` if there is none. */
    differs(one: unknown, other: unknown, path: string = ''): string | null {
        if (kind(one) !== kind(other)) {
            return `${path}: ${kind(one)} became ${kind(other)}`
        }
        const [these, those] = [parts(one), parts(other)]
        if (these === null || those === null || one === other) {
            return null
        }
        for (const [index, [name, value]] of these.entries()) {
            const [counterpart, same] = those[index] ?? ['nothing', undefined]
            if (counterpart !== name) {
                return `${path}: ${name} became ${counterpart}`
            }
            const field = this.#note(one as object, name, value)
            const found = this.#spared.has(field)
                ? null
                : this.differs(value, same, `${path}/${name}`)
            if (found !== null) {
                return found
            }
        }
        return null
    }

    #note(holder: object, name: string, value: unknown): string {
        if (!isPart(holder)) {
            return ''
        }
        const field = `${holder.constructor.name}.${name}`
        const held = this.held.get(field) ?? new Set()
        const isWhole = typeof value === 'object' && value !== null && isPart(value)
        if (held.size < 2) {
            held.add(isWhole ? PART : told(value))
            this.held.set(field, held)
        }
        return field
    }
}
