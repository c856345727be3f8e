/** Rows as lines of text. Each column is as wide as its widest cell. */
export function columns(rows: readonly (readonly string[])[]): string[] {
    const widths: number[] = []
    for (const row of rows) {
        for (const [index, cell] of row.entries()) {
            widths[index] = Math.max(widths[index] ?? 0, cell.length)
        }
    }
    return rows.map((row) =>
        row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ').trimEnd())
}
