import { once } from 'node:events'
import { createReadStream, fstatSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../usage-error.js'
import type { DemoOptions } from './options.js'

/** The text that the demo publishes. */
export interface Text {
    /** The origin in words, for example `standard input`. */
    readonly name: string
    readonly lines: readonly string[]
    /** Whether the text had more lines than the option `lines` allows. */
    readonly isCut: boolean
}

/** The longest line, in characters. */
const LINE_MAX = 64 * 1024

/** If standard input is a socket: the longest wait for its first byte, in milliseconds. */
const SILENCE_MS = 1000

/** The default text: every installation of kibitz has the sources of these packages. */
const PACKAGES = [
    'cadence',
    'conduit/caller.js',
    'destructible',
    'happenstance',
    'procession',
    'prolific.logger',
    'rescue',
    'signal'
]

async function* packages(): AsyncGenerator<string> {
    for (const name of PACKAGES) {
        yield* createReadStream(fileURLToPath(import.meta.resolve(name)), 'utf8')
    }
}

/** Whether standard input provides a text. */
async function hasInput(): Promise<boolean> {
    const kind = fstatSync(0)
    if (!kind.isSocket()) {
        return kind.isFIFO() || kind.isFile()
    }
    // A parent process may leave an unused socket as standard input. So the read has a time limit.
    const { stdin } = process
    const signal = AbortSignal.timeout(SILENCE_MS)
    await once(stdin, 'readable', { signal }).catch(() => {})
    if (stdin.readableLength === 0) {
        stdin.destroy()
    }
    return stdin.readableLength > 0
}

async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
    let rest = ''
    for await (const chunk of chunks) {
        const lines = `${rest}${chunk}`.split('\n')
        rest = lines.pop() ?? ''
        yield* lines
        if (rest.length > LINE_MAX) {
            break
        }
    }
    if (rest !== '') {
        yield rest
    }
}

async function textOf(
    name: string, chunks: AsyncIterable<string>, linesMax: number
): Promise<Text> {
    const lines: string[] = []
    for await (const line of linesOf(chunks)) {
        if (lines.length === linesMax) {
            return { name, lines, isCut: true }
        }
        if (line.length > LINE_MAX) {
            throw new UsageError(
                `Line ${lines.length + 1} of ${name} is longer than ${LINE_MAX} characters.`
            )
        }
        lines.push(line.replace(/\r$/, ''))
    }
    if (lines.length === 0) {
        throw new UsageError(`${name} contains no line.`)
    }
    return { name, lines, isCut: false }
}

/**
 * Reads the text. Blank lines and repeated lines count.
 *
 * @throws UsageError if the text is unreadable, is empty, or has a line of more than 64 Ki
 * characters.
 */
export async function readText({ file, lines }: DemoOptions): Promise<Text> {
    const isStandard = file === '-' || (file === undefined && (await hasInput()))
    if (isStandard) {
        return await textOf('standard input', process.stdin.setEncoding('utf8'), lines)
    }
    if (file === undefined) {
        return await textOf('the sources of the eight packages', packages(), lines)
    }
    try {
        return await textOf(file, createReadStream(file, 'utf8'), lines)
    } catch (error) {
        if (error instanceof UsageError) {
            throw error
        }
        const why = error instanceof Error ? error.message : String(error)
        throw new UsageError(`The file cannot be read: ${why}.`)
    }
}
