import { printable } from '../../base/printable.js'

/** The size of one write, in characters. */
const CHUNK = 64 * 1024

/** Lines in order. `null` asks for a write of the lines so far. */
export type Lines = AsyncIterable<string | null> | Iterable<string | null>

/**
 * Writes lines to standard output, without characters that control a terminal. A reader such as
 * `head` may close the pipe early; then no further line is requested.
 */
export async function writeLines(lines: Lines): Promise<void> {
    let text = ''
    let isOpen = true
    process.stdout.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EPIPE') {
            throw error
        }
        isOpen = false
    })
    const write = (): Promise<unknown> => {
        const chunk = text
        text = ''
        return isOpen && chunk !== '' ? new Promise((resolve) => {
            process.stdout.write(chunk, resolve)
        }) : Promise.resolve()
    }
    for await (const line of lines) {
        text += line === null ? '' : `${printable(line).replaceAll('\n', '\\u000a')}\n`
        if (line === null || text.length > CHUNK) {
            await write()
        }
        if (!isOpen) {
            return
        }
    }
    await write()
}
