import { once } from 'node:events'
import { createReadStream, fstatSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../usage-error.js'
import type { DemoOptions } from './options.js'

/** What is published. */
export interface Text {
    /** Where it comes from, in words. */
    readonly name: string
    readonly lines: readonly string[]
    /** Whether there was more of it. */
    readonly isCut: boolean
}

/** How many characters a line may have. */
const LINE_MAX = 64 * 1024

/** How long a socket in the place of standard input may stay silent, in milliseconds. */
const SILENCE_MS = 1000

/** A text that is there wherever kibitz is: the packages that it is built on. */
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

/** Whether somebody means to say something on standard input. */
async function isFed(): Promise<boolean> {
    const kind = fstatSync(0)
    if (!kind.isSocket()) {
        return kind.isFIFO() || kind.isFile()
    }
    // A program that starts this one may leave a socket here that nobody ever writes to.
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

async function take(name: string, chunks: AsyncIterable<string>, linesMax: number): Promise<Text> {
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
        throw new UsageError(`There is not one line in ${name}.`)
    }
    return { name, lines, isCut: false }
}

/**
 * Reads what is to be published. Blank lines are lines, and so are equal ones.
 *
 * @throws UsageError where it cannot be read or holds no line.
 */
export async function readText({ file, lines }: DemoOptions): Promise<Text> {
    const isStandard = file === '-' || (file === undefined && (await isFed()))
    if (isStandard) {
        return await take('standard input', process.stdin.setEncoding('utf8'), lines)
    }
    if (file === undefined) {
        return await take('the sources of the eight packages', packages(), lines)
    }
    try {
        return await take(file, createReadStream(file, 'utf8'), lines)
    } catch (error) {
        if (error instanceof UsageError) {
            throw error
        }
        const why = error instanceof Error ? error.message : String(error)
        throw new UsageError(`The file cannot be read: ${why}.`)
    }
}
