import { Monotonic } from '../../../src/base/monotonic.js'
import { type Called, type LifeEvent, POOL, RATE } from './words.js'

type Of<Kind extends LifeEvent['kind']> = Extract<LifeEvent, { kind: Kind }>

/** The events of a kind, in the order of the clock that all processes share. */
function ofKind<Kind extends LifeEvent['kind']>(
    events: readonly LifeEvent[], kind: Kind
): Of<Kind>[] {
    return events.filter((event): event is Of<Kind> => event.kind === kind)
        .sort((left, right) => left.at - right.at)
}

function groups<Item>(items: readonly Item[], by: (item: Item) => string): Map<string, Item[]> {
    const found = new Map<string, Item[]>()
    for (const item of items) {
        const group = found.get(by(item)) ?? []
        found.set(by(item), group)
        group.push(item)
    }
    return found
}

/** The answered calls, each with the instant of its question. */
function answersOf(events: readonly LifeEvent[], of: Called) {
    const asked = new Map(ofKind(events, 'asks').map(({ call, at }) => [call, at]))
    return ofKind(events, 'answers').filter((event) => event.of === of)
        .map((event) => ({ ...event, askedAt: asked.get(event.call) ?? Number.NaN }))
}

/** The number of calls without an answer: their effects are unknown. */
export function unanswered(events: readonly LifeEvent[], of: Called): number {
    return ofKind(events, 'asks').filter((event) => event.of === of).length
        - answersOf(events, of).length
}

/** One holder at a time, one use for each token, and tokens that never fall. */
function exclusionFaults(events: readonly LifeEvent[]): string[] {
    const faults: string[] = []
    const held = ofKind(events, 'holds').filter(({ what }) => what !== 'pool')
    for (const [what, looks] of groups(held, (event) => event.what)) {
        const uses = groups(looks, ({ token }) => token)
        for (const [token, sharing] of uses) {
            if (new Set(sharing.map(({ use }) => use)).size > 1) {
                faults.push(`two uses of ${what} have the token ${token}`)
            }
        }
        for (const [index, { token, use, at }] of looks.entries()) {
            const before = looks[index - 1]
            if (before !== undefined && Monotonic.compare(token, before.token) < 0) {
                faults.push(`${use} holds ${what} with ${token} at ${at}, after ${before.use} with `
                    + `${before.token} at ${before.at}`)
            }
        }
    }
    return faults
}

/** At most `POOL` leases of the semaphore at each instant. */
function poolFaults(events: readonly LifeEvent[]): string[] {
    const looks = ofKind(events, 'holds').filter(({ what }) => what === 'pool')
    const spans = [...groups(looks, ({ use }) => use).values()].map((span) =>
        ({ from: span[0]?.at ?? 0, to: span.at(-1)?.at ?? 0 }))
    return spans.flatMap(({ from }) => {
        const count = spans.filter((span) => span.from <= from && from <= span.to).length
        return count > POOL ? [`${count} leases of the semaphore at ${from}`] : []
    })
}

/** The resource accepts no token after a higher one, and no write twice for different uses. */
export function resourceFaults(
    accepted: readonly { readonly what: string, readonly token: Monotonic }[]
): string[] {
    return [...groups(accepted, ({ what }) => what)].flatMap(([what, writes]) =>
        writes.flatMap(({ token }, index) => {
            const before = writes[index - 1]?.token ?? '0/0'
            return Monotonic.compare(token, before) < 0
                ? [`the resource accepts ${token} of ${what} after ${before}`] : []
        }))
}

/** Numbers that no other call receives, in the order of the calls unless from blocks. */
function numberFaults(events: readonly LifeEvent[]): string[] {
    return (['add', 'next', 'block', 'swap'] as const).flatMap((of) => {
        const faults: string[] = []
        const answers = answersOf(events, of)
        for (const [value, calls] of groups(answers, (event) => String(event.value))) {
            if (calls.length > 1) {
                faults.push(`${calls.map(({ call }) => call).join(' and ')} receive ${value}`)
            }
        }
        for (const { call, askedAt, value } of of === 'block' ? [] : answers) {
            const later = answers.find((other) => other.at < askedAt && other.value >= value)
            if (later !== undefined) {
                faults.push(`${call} receives ${value} after ${later.call} with ${later.value}`)
            }
        }
        return faults
    })
}

/**
 * In each stretch of T ms at most limit × (1 + T / per) permits, and once those of another bucket:
 * the first member may take before it has an entry of a member that started earlier.
 */
function rateFaults(events: readonly LifeEvent[]): string[] {
    const taken = answersOf(events, 'take').filter(({ value }) => value === true)
    return taken.flatMap(({ askedAt: from }) => {
        const within = taken.filter(({ askedAt }) => askedAt >= from)
        return within.flatMap(({ at }, index) => {
            const most = RATE.limit * (2 + (at - from) / RATE.per)
            return index + 1 > most ? [`${index + 1} permits in ${at - from} ms`] : []
        })
    })
}

/** Each accepted job is done; a key is accepted once, and an attempt of a key is given once. */
function jobFaults(events: readonly LifeEvent[]): string[] {
    const done = new Set(ofKind(events, 'does').map(({ key }) => key))
    const attempts = ofKind(events, 'attempts')
    const answers = answersOf(events, 'enqueue')
    const accepted = groups(answers.filter(({ value }) => value === true), ({ key }) => key)
    const given = groups(attempts, ({ key, attempt }) => `attempt ${attempt} of ${key}`)
    return [
        ...answers.filter(({ key }) => !done.has(key)).map(({ key }) => `${key} was never done`),
        ...attempts.filter(({ key }) => !done.has(key)).map(({ key }) => `${key} has no end`),
        ...[...accepted].filter(([, calls]) => calls.length > 1)
            .map(([key]) => `${key} was added twice`),
        ...[...given].filter(([, runs]) => runs.length > 1).map(([what]) => `${what} began twice`)
    ]
}

/** Each watcher sees the changes in order and without a gap; a transaction is one change. */
function watchFaults(events: readonly LifeEvent[]): string[] {
    const seen = ofKind(events, 'sees')
    const all = groups(seen, ({ version }) => version)
    const versions = [...all.keys()].sort(Monotonic.compare)
    const different = [...all].filter(([, each]) =>
        new Set(each.map(({ changes }) => JSON.stringify(changes))).size > 1)
    const torn = seen.filter(({ changes }) => {
        const entries = Object.fromEntries(changes)
        return entries['left'] !== entries['right']
    })
    const gaps = [...groups(seen, ({ member, life }) => `${member}${life}`)]
        .flatMap(([watcher, each]) => {
            const from = versions.indexOf(each[0]?.version ?? '')
            return each.flatMap(({ version }, index) => versions[from + index] === version
                ? [] : [`the watcher ${watcher} sees ${version} out of turn`])
        })
    return [
        ...different.map(([version]) => `watchers see different changes at ${version}`),
        ...torn.map(({ version }) => `a transaction is torn at ${version}`),
        ...gaps
    ]
}

/** The members agree at the end, and the sums contain each answered call once. */
function stateFaults(events: readonly LifeEvent[]): string[] {
    const states = ofKind(events, 'state').map(({ state }) => state)
    const [first] = states
    const texts = new Set(states.map((state) => JSON.stringify(state)))
    if (first === undefined || texts.size !== 1) {
        return [`the states at the end differ: ${[...texts].join(' ')}`]
    }
    const left = new Map(first.entries).get('left') ?? 0
    const sums = [['add', first.visits], ['next', first.lastNumber], ['swap', left]] as const
    return [
        ...sums.flatMap(([of, sum]) => {
            const answered = answersOf(events, of).length
            return sum < answered || sum > answered + unanswered(events, of)
                ? [`the sum of ${of} is ${sum} after ${answered} answers and `
                    + `${unanswered(events, of)} calls without an answer`]
                : []
        }),
        ...(first.failed > 0 ? [`${first.failed} jobs failed`] : [])
    ]
}

/** The broken promises of the recipes that the events of all processes show. */
export function faultsOf(events: readonly LifeEvent[]): string[] {
    return [
        exclusionFaults, poolFaults, numberFaults, rateFaults, jobFaults, watchFaults, stateFaults
    ].flatMap((check) => check(events))
}
