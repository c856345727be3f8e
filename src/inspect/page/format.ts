/** An instant as a time of day, to the millisecond, in UTC. */
export function timeOf(at: number): string {
    const date = new Date(at)
    return Number.isNaN(date.getTime()) ? String(at) : date.toISOString().slice(11, 23)
}

/** An instant with its date, in UTC. */
export function dateOf(at: number): string {
    const date = new Date(at)
    return Number.isNaN(date.getTime())
        ? String(at)
        : date.toISOString().replace('T', ' ').replace('Z', ' UTC')
}

/** A duration: `12 ms`, `3.45 s`, `12 min 3 s`. */
export function durationOf(ms: number): string {
    const rounded = Math.round(ms)
    if (rounded < 10_000) {
        return `${rounded.toLocaleString('en')} ms`
    }
    if (rounded < 600_000) {
        return `${(rounded / 1000).toFixed(2)} s`
    }
    const minutes = Math.floor(rounded / 60_000)
    return minutes < 600
        ? `${minutes} min ${Math.round(rounded % 60_000 / 1000)} s`
        : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** The steps of a time axis, in milliseconds. */
const STEPS = [
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 120_000, 300_000,
    600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 86_400_000
]

/** The instants of the ticks of a time axis with about `count` ticks. */
export function ticksOf(from: number, to: number, count: number): number[] {
    const span = to - from
    const step = STEPS.find((each) => span / each <= count) ?? Math.ceil(span / count)
    const ticks: number[] = []
    for (let at = Math.ceil(from / step) * step; at <= to && ticks.length < 100; at += step) {
        ticks.push(at)
    }
    return ticks
}

/** The label of a tick: milliseconds if the axis is short, else seconds or minutes. */
export function tickLabel(at: number, span: number): string {
    const text = timeOf(at)
    return span < 20_000 ? text.slice(3) : span < 7_200_000 ? text.slice(0, 8) : text.slice(0, 5)
}
