/** One curve in a frame of its own. */
export interface Panel {
    readonly title: string
    /** What stands below the axis. */
    readonly across: string
    readonly points: readonly (readonly [x: number, y: number])[]
    /** How a value of the horizontal axis is written. */
    readonly label: (x: number) => string
    /** Whether equal factors lie equally far apart, instead of equal differences. */
    readonly isLogarithmic: { readonly across: boolean; readonly up: boolean }
}

const WIDTH = 400
const HEIGHT = 250
const LEFT = 58
const RIGHT = 18
const TOP = 40
const BOTTOM = 46
const COLUMNS = 2

/** Each colour can be read on white and on black: a page need not follow the system's taste. */
const STYLE = `
    .frame { fill: none; stroke: #8c959f; stroke-opacity: .35 }
    .grid { stroke: #8c959f; stroke-opacity: .22 }
    .curve { fill: none; stroke: #2f81f7; stroke-width: 2; stroke-linejoin: round }
    .dot { fill: #2f81f7 }
    text { font: 11px system-ui, sans-serif; fill: #6e7781 }
    .title { font-size: 13px; font-weight: 600 }
    @media (prefers-color-scheme: dark) {
        text { fill: #9198a1 }
    }`

/** A number as short as an axis wants it. */
export function brief(value: number): string {
    const units = [[1e9, 'G'], [1e6, 'M'], [1e3, 'k']] as const
    for (const [unit, name] of units) {
        if (Math.abs(value) >= unit) {
            return `${Number((value / unit).toPrecision(2))}${name}`
        }
    }
    return String(Number(value.toPrecision(2)))
}

/** The multiples of a power of ten that lie between two numbers, not more than a few. */
function linearTicks(top: number): readonly number[] {
    const step = 10 ** Math.floor(Math.log10(top))
    const stretch = [0.2, 0.5, 1, 2].find((factor) => top / (step * factor) <= 5.001) ?? 5
    const ticks: number[] = []
    for (let tick = 0; tick <= top * 1.0001; tick += step * stretch) {
        ticks.push(tick)
    }
    return ticks
}

function logarithmicTicks(bottom: number, top: number): readonly number[] {
    const ticks: number[] = []
    for (let power = Math.floor(Math.log10(bottom)); 10 ** power <= top * 1.0001; power++) {
        ticks.push(10 ** power)
    }
    const inside = ticks.filter((tick) => tick >= bottom * 0.9999)
    return inside.length > 1 ? inside : [bottom, top]
}

interface Scale {
    readonly ticks: readonly number[]
    /** Where a value lies, from 0 to 1. */
    readonly place: (value: number) => number
}

function scale(values: readonly number[], isLogarithmic: boolean, isFloored: boolean): Scale {
    const top = Math.max(...values)
    const least = Math.min(...values)
    if (!isLogarithmic) {
        const bottom = isFloored ? 0 : least
        const span = (isFloored ? top * 1.08 : top) - bottom || 1
        const ticks = isFloored ? linearTicks(top) : values
        return { ticks, place: (value) => (value - bottom) / span }
    }
    const floor = isFloored ? 10 ** Math.floor(Math.log10(least)) : least
    const ceiling = isFloored ? 10 ** Math.ceil(Math.log10(top * 0.9999)) : top
    const span = Math.log(ceiling / floor) || 1
    return {
        ticks: logarithmicTicks(floor, ceiling),
        place: (value) => Math.log(value / floor) / span
    }
}

function plain(text: string): string {
    return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

function draw({ title, across, points, label, isLogarithmic }: Panel): string {
    const xs = points.map(([x]) => x)
    const horizontal = scale(xs, isLogarithmic.across, false)
    const vertical = scale(points.map(([, y]) => y), isLogarithmic.up, true)
    const width = WIDTH - LEFT - RIGHT
    const height = HEIGHT - TOP - BOTTOM
    const right = (x: number): string => (LEFT + horizontal.place(x) * width).toFixed(1)
    const up = (y: number): string => (TOP + (1 - vertical.place(y)) * height).toFixed(1)
    const path = points.map(([x, y]) => `${right(x)},${up(y)}`).join(' ')
    return [
        `<text class="title" x="${LEFT}" y="22">${plain(title)}</text>`,
        `<rect class="frame" x="${LEFT}" y="${TOP}" width="${width}" height="${height}"/>`,
        ...vertical.ticks.map((tick) => [
            `<line class="grid" x1="${LEFT}" x2="${LEFT + width}" y1="${up(tick)}" `,
            `y2="${up(tick)}"/><text x="${LEFT - 6}" y="${up(tick)}" dy=".35em" `,
            `text-anchor="end">${brief(tick)}</text>`
        ].join('')),
        ...xs.map((x) => [
            `<text x="${right(x)}" y="${TOP + height + 16}" `,
            `text-anchor="middle">${plain(label(x))}</text>`
        ].join('')),
        `<text x="${LEFT + width / 2}" y="${TOP + height + 34}" text-anchor="middle">`
            + `${plain(across)}</text>`,
        `<polyline class="curve" points="${path}"/>`,
        ...points.map(([x, y]) =>
            `<circle class="dot" r="3" cx="${right(x)}" cy="${up(y)}"/>`)
    ].join('\n')
}

/** Panels beside and below each other, to be read on light and on dark ground. */
export function chart(panels: readonly Panel[]): string {
    const rows = Math.ceil(panels.length / COLUMNS)
    const drawn = panels.map((panel, index) => {
        const x = (index % COLUMNS) * WIDTH
        const y = Math.floor(index / COLUMNS) * HEIGHT
        return `<g transform="translate(${x} ${y})">\n${draw(panel)}\n</g>`
    })
    return [
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH * COLUMNS} ${HEIGHT * rows}" `
            + 'role="img">',
        '<title>How cost grows</title>',
        `<style>${STYLE}\n</style>`,
        ...drawn,
        '</svg>',
        ''
    ].join('\n')
}
