/** The order in which code has met the keys of a collection, and the same keys sorted. */
interface Meeting {
    readonly order: string
    readonly sorted: string
}

type Method = (this: unknown, ...args: unknown[]) => unknown

const METHODS: readonly (string | symbol)[] =
    ['keys', 'values', 'entries', 'forEach', Symbol.iterator]

const { keys: keysOfMap } = Map.prototype
const { keys: keysOfSet } = Set.prototype
const { keys: namesOf } = Object

function meetingOf(keys: readonly unknown[]): Meeting {
    const texts = keys.map(String)
    return { order: texts.join('\n'), sorted: texts.sort().join('\n') }
}

/** Replaces a method, and returns the undo. */
function wrap(
    target: object, name: string | symbol, before: (self: unknown, first: unknown) => void
): () => void {
    const descriptor = Object.getOwnPropertyDescriptor(target, name)
    const method = descriptor?.value as Method | undefined
    if (descriptor === undefined || method === undefined) {
        return () => {}
    }
    Object.defineProperty(target, name, {
        ...descriptor,
        value: function (this: unknown, ...args: unknown[]): unknown {
            before(this, args[0])
            return method.apply(this, args)
        }
    })
    return () => void Object.defineProperty(target, name, descriptor)
}

/**
 * Runs a call, and lists the order of the keys of every Map, Set and object that the call iterates
 * with a method: `for … of`, `keys`, `values`, `entries`, `forEach`, `Object.keys` and so on.
 */
export async function traceIterations(call: () => Promise<unknown>): Promise<readonly Meeting[]> {
    const meetings: Meeting[] = []
    let isTracing = false
    const meet = (list: (self: unknown) => Iterable<unknown>) => (self: unknown): void => {
        if (!isTracing) {
            isTracing = true
            const keys: unknown[] = []
            const items = list(self)[Symbol.iterator]()
            for (let item = items.next(); item.done !== true; item = items.next()) {
                keys.push(item.value)
            }
            meetings.push(meetingOf(keys))
            isTracing = false
        }
    }
    const ofMap = meet((self) => keysOfMap.call(self as Map<unknown, unknown>))
    const ofSet = meet((self) => keysOfSet.call(self as Set<unknown>))
    const ofObject = meet((self) => namesOf(self as object))
    const undos = [
        ...METHODS.map((name) => wrap(Map.prototype, name, ofMap)),
        ...METHODS.map((name) => wrap(Set.prototype, name, ofSet)),
        ...['keys', 'values', 'entries'].map((name) =>
            wrap(Object, name, (_, first) => ofObject(first ?? {})))
    ]
    try {
        await call()
    } finally {
        for (const undo of undos.reverse()) {
            undo()
        }
    }
    return meetings
}

/**
 * The keys that two calls have met in a different order; `null` if the calls have met different
 * keys, or the same order.
 */
export function differentOrder(
    one: readonly Meeting[], other: readonly Meeting[]
): readonly [readonly string[], readonly string[]] | null {
    for (const [index, meeting] of one.entries()) {
        const met = other[index]
        if (met === undefined || met.sorted !== meeting.sorted) {
            return null
        }
        if (met.order !== meeting.order) {
            return [meeting.order.split('\n'), met.order.split('\n')]
        }
    }
    return null
}
