import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os'

/** A cell of a table: a number is written as short as it can be read. */
export type Cell = string | number | null

/** What one part of a benchmark has found. */
export interface Section {
    readonly name: string
    readonly title: string
    /** What a reader must know to make sense of the numbers. */
    readonly notes: readonly string[]
    readonly columns: readonly string[]
    readonly rows: readonly (readonly Cell[])[]
    readonly goals: readonly Goal[]
    /** What each run has yielded, entries a second: how much they scatter. */
    readonly runs: readonly { readonly what: string; readonly rates: readonly number[] }[]
}

/** Something that a number was hoped to be. Nothing fails where it is not. */
export interface Goal {
    readonly what: string
    /** `least` where it should be at least so much. */
    readonly limit: 'least' | 'most'
    readonly goal: number
    readonly is: number
}

/** What was measured, all of it. */
export interface Report {
    readonly machine: Readonly<Record<string, Cell>>
    readonly sections: readonly Section[]
}

/** Three significant digits with separators: a benchmark is not more precise. */
export function figure(value: number): string {
    if (!Number.isFinite(value)) {
        return '–'
    }
    if (value === 0 || Math.abs(value) >= 100) {
        const digits = Math.round(value).toString().length
        const scale = 10 ** Math.max(0, digits - 3)
        return (Math.round(value / scale) * scale).toLocaleString('en-US')
    }
    return String(Number(value.toPrecision(3)))
}

function write(cell: Cell): string {
    if (cell === null) {
        return '–'
    }
    return typeof cell === 'number' ? figure(cell) : cell
}

/** A table in aligned text; numbers to the right. */
export function table(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
    const lines = [columns, ...rows.map((row) => row.map(write))]
    const isNumeric = columns.map((_, column) =>
        rows.every((row) => typeof row[column] !== 'string'))
    const widths = columns.map((_, column) =>
        Math.max(...lines.map((line) => (line[column] ?? '').length)))
    const aligned = lines.map((line) => line.map((cell, column) => {
        const width = widths[column] ?? 0
        return isNumeric[column] === true ? cell.padStart(width) : cell.padEnd(width)
    }).join('  ').trimEnd())
    const rule = widths.map((width) => '-'.repeat(width)).join('  ')
    return [aligned[0], rule, ...aligned.slice(1)].join('\n')
}

/** Whether a goal is met. */
export function isMet({ limit, goal, is }: Goal): boolean {
    return limit === 'least' ? is >= goal : is <= goal
}

/** A goal in one line. */
export function tell(goal: Goal): string {
    const { what, limit, goal: hoped, is } = goal
    const mark = isMet(goal) ? 'met   ' : 'missed'
    return `${mark}  ${what}: ${figure(is)}, goal at ${limit} ${figure(hoped)}`
}

/** A section as text. */
export function render({ title, notes, columns, rows, goals }: Section): string {
    return [
        `## ${title}`,
        ...notes.map((note) => `   ${note}`),
        '',
        table(columns, rows),
        ...(goals.length === 0 ? [] : ['', ...goals.map(tell)]),
        ''
    ].join('\n')
}

/** What it was measured on. */
export function machine(): Readonly<Record<string, Cell>> {
    return {
        processor: cpus()[0]?.model ?? 'unknown',
        cores: availableParallelism(),
        memoryGiB: Number((totalmem() / 2 ** 30).toFixed(1)),
        system: `${type()} ${release()}`,
        node: process.version,
        load: loadavg().map((load) => load.toFixed(2)).join(' '),
        date: new Date().toISOString()
    }
}
