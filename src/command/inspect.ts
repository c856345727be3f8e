import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { KibitzError } from '../base/errors.js'
import { printable } from '../base/printable.js'
import { IDENTITY } from '../journal/identity.js'
import { InspectServer } from '../inspect/inspect-server.js'
import { Inspector } from '../inspect/inspector.js'
import { OpeningInspector } from '../inspect/opening-inspector.js'
import { LiveInspector } from '../inspect/live-inspector.js'
import { journalIn, type LiveJournal, RemoteJournal } from '../inspect/live-journal.js'
import { readPage } from '../inspect/page-files.js'
import { RecordedRepublic } from '../inspect/recorded-republic.js'
import { reportOf } from '../inspect/report-file.js'
import {
    printWhatIf, WHAT_IF_HELP, whatIfOf, type WhatIfOptions
} from './what-if.js'
import { parseOptions, UsageError } from './usage-error.js'

/** The arguments of `kibitz inspect`. */
interface InspectOptions {
    /** The folders of the journals. */
    readonly folders: readonly string[]
    /** The number of the port; 0 is any free port. */
    readonly port: number
    /** The file for the report. @default none: a page is served */
    readonly out?: string
    /** Whether published values are replaced by their size and hash. */
    readonly isRedacted: boolean
    /** Whether the page follows the journals. */
    readonly isLive: boolean
    /** The file with the secret of the URLs. @default none */
    readonly secretFile?: string
    /** The change to try; `null`: the page, or a report. */
    readonly whatIf: WhatIfOptions | null
}

const HELP = `\
kibitz inspect [options] DIR ...

  Shows the joined history of several members in a page of your browser: leaders,
  gaps, calls, every input with the state of its member, and the causes. The
  page is served on this machine alone, and no request leaves the machine, but
  to the URLs that you name.

  DIR           the folder of a journal, of a running or a stopped member. A folder
                with several journals, such as the DIR of kibitz demo --journal
                DIR, stands for all of these

  --live        follow running members: the page shows new inputs within seconds.
                Each DIR may be the URL of a member that serves its recording
                (recordingHandler of kibitz/replay)
  --secret-file FILE  the secret of these URLs, in a file
  --port N      serve the page on this port (default: any free port)
  --out FILE    write one file for a bug report, and serve nothing
  --redact      replace each published value by its size and a hash
${WHAT_IF_HELP}  --help        show this text

A damaged journal is shown up to the damage. A message names the damage, and the
members without a journal.

Exit code: 0 the page was served until Ctrl-C, or the result was written; 1 a
folder is no journal, or is damaged from its beginning; 2 wrong usage.
`

function parse(args: readonly string[]): InspectOptions | null {
    const { values, positionals } = parseOptions(args, {
        port: { type: 'string' }, out: { type: 'string' }, redact: { type: 'boolean' },
        live: { type: 'boolean' }, 'secret-file': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        'what-if': { type: 'string' }, at: { type: 'string' }, lasts: { type: 'string' },
        continue: { type: 'string' }, seed: { type: 'string' }, save: { type: 'string' }
    })
    if (values.help === true) {
        return null
    }
    if (positionals.length === 0) {
        throw new UsageError('Name the folders of the journals.')
    }
    const { port = '0', out, redact = false, live = false, 'secret-file': secretFile } = values
    if (!live && (secretFile !== undefined || positionals.some(isUrl))) {
        throw new UsageError('A URL and --secret-file need --live.')
    }
    if (live && out !== undefined) {
        throw new UsageError('--live serves a page, and --out writes a file: choose one.')
    }
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
        throw new UsageError(`--port takes a number from 0 to 65535, not ${port}.`)
    }
    const whatIf = whatIfOf(values)
    if (whatIf !== null && (live || out !== undefined || values.port !== undefined)) {
        throw new UsageError('--what-if prints a result: leave out --live, --out and --port.')
    }
    if (whatIf?.save !== undefined && redact) {
        throw new UsageError('The test would hold the published values: leave out --redact.')
    }
    return {
        whatIf, folders: positionals, port: Number(port), isRedacted: redact, isLive: live,
        ...(secretFile === undefined ? {} : { secretFile }), ...(out === undefined ? {} : { out })
    }
}

function isUrl(source: string): boolean {
    return /^https?:\/\//.test(source)
}

/** The names in a folder; empty if there is no such folder. */
async function namesIn(folder: string): Promise<readonly string[]> {
    return await readdir(folder).catch(() => [])
}

/** The journals in the given folders: a folder without a journal stands for the journals inside. */
async function journalsIn(folders: readonly string[]): Promise<readonly string[]> {
    const journals: string[] = []
    for (const folder of folders) {
        const names = await namesIn(folder)
        const inside: string[] = []
        for (const name of names.includes(IDENTITY) ? [] : [...names].sort()) {
            if ((await namesIn(join(folder, name))).includes(IDENTITY)) {
                inside.push(join(folder, name))
            }
        }
        journals.push(...(inside.length === 0 ? [folder] : inside))
    }
    return journals
}

/** Says what the recordings lack. */
function warn({ overview: { lanes, missing } }: Inspector): void {
    const damaged = lanes.filter(({ damage }) => damage !== '')
        .map(({ member, damage }) => `The recording of ${member} ends early. ${damage}`)
    const absent = missing.length === 0
        ? []
        : [`There is no recording of ${missing.join(', ')}: name the folders of these journals `
            + 'too, if there are any.']
    for (const line of [...damaged, ...absent]) {
        process.stderr.write(printable(`kibitz: ${line}\n`))
    }
}

/** Serves a page, also while the journals are read, until Ctrl-C. */
async function serve(folders: readonly string[], isRedacted: boolean, port: number):
Promise<void> {
    const reading = new AbortController()
    const opening = new OpeningInspector(folders, isRedacted, reading.signal)
    const server = new InspectServer(opening, readPage())
    const link = await server.listen(port)
    process.stdout.write(`${link}\nOpen the link in a browser; Ctrl-C ends the page.\n`)
    const interrupted = once(process, 'SIGINT')
    try {
        await Promise.race([opening.opened.then(warn), interrupted])
        await interrupted
    } finally {
        reading.abort()
        await server.close()
    }
}

/** Serves a page that follows the journals, until Ctrl-C. */
async function serveLive({ folders, port, isRedacted, secretFile }: InspectOptions):
Promise<void> {
    const text = secretFile === undefined ? null : await readFile(secretFile, 'utf8')
    const secret = text?.trim() ?? null
    const journals: LiveJournal[] = []
    const ended = new AbortController()
    const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
    try {
        for (const url of folders.filter(isUrl)) {
            journals.push(await RemoteJournal.open(url, secret))
        }
        const local = await journalsIn(folders.filter((folder) => !isUrl(folder)))
        journals.push(...local.map(journalIn))
        const inspector = await LiveInspector.open(journals, isRedacted)
        const server = new InspectServer(inspector, readPage())
        const link = await server.listen(port)
        process.stdout.write(`${link}\nOpen the link in a browser; Ctrl-C ends the page.\n`)
        const following = inspector.follow(ended.signal)
        await interrupted
        ended.abort()
        await Promise.all([following, server.close()])
    } finally {
        for (const journal of journals) {
            await journal.close()
        }
    }
}

async function write(inspector: Inspector, out: string): Promise<void> {
    warn(inspector)
    await writeFile(out, await reportOf(inspector, readPage()), { mode: 0o600 })
    const warning = inspector.isRedacted
        ? ''
        : ' It holds published values; --redact replaces them.'
    process.stdout.write(printable(`${out} is written.${warning}\n`))
}

/**
 * `kibitz inspect`: serves a page about journals, or writes the page into a file.
 *
 * @returns The exit code.
 * @throws UsageError if the arguments are wrong.
 */
export async function inspect(args: readonly string[]): Promise<number> {
    const options = parse(args)
    if (options === null) {
        process.stdout.write(HELP)
        return 0
    }
    const { folders, port, out, isRedacted } = options
    try {
        if (options.isLive) {
            await serveLive(options)
            return 0
        }
        const journals = await journalsIn(folders)
        if (options.whatIf !== null) {
            const republic = await RecordedRepublic.open(journals, isRedacted)
            warn(new Inspector(republic))
            await printWhatIf(republic, options.whatIf)
        } else if (out === undefined) {
            await serve(journals, isRedacted, port)
        } else {
            const republic = await RecordedRepublic.open(journals, isRedacted)
            await write(new Inspector(republic), out)
        }
        return 0
    } catch (error) {
        if (!(error instanceof KibitzError || (error instanceof Error && 'syscall' in error))) {
            throw error
        }
        process.stderr.write(printable(`kibitz: ${error.message}\n`))
        return 1
    }
}
