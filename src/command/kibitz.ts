#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { demo } from './demo/demo.js'
import { serveMember } from './demo/member.js'
import { example } from './example.js'
import { inspect } from './inspect.js'
import { journal } from './journal/journal.js'
import { printable } from '../base/printable.js'
import { status } from './status/status.js'
import { UsageError } from './usage-error.js'

const HELP = `\
kibitz <command> [options]

  demo         run three processes that agree on one log and lose their leader
  example      print the source of a complete service
  inspect      show the joined history of several members in a page of the browser
  journal      check, show, export, adopt or refound the journal of a member
  status       show a republic from the address of any member, or the content of a journal
  help         show this text; kibitz help <command> explains one command

  --help       the same
  --version    show the version
`

function version(): string {
    const path = new URL(import.meta.resolve('kibitz/package.json'))
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string }
    return manifest.version
}

/** Runs a command. Returns the exit code, or `null` if the process continues. */
async function run([command, ...args]: readonly string[]): Promise<number | null> {
    switch (command) {
        case 'demo':
            return await demo(args)
        case 'example':
            return example(args)
        case 'inspect':
            return await inspect(args)
        case 'journal':
            return await journal(args)
        case 'status':
            return await status(args)
        case 'member':
            if (process.send === undefined) {
                throw new UsageError('Only kibitz demo starts members.')
            }
            serveMember(args)
            return null
        case 'help':
            if (args[0] !== undefined && args[0] !== 'help') {
                return await run([args[0], '--help'])
            }
            process.stdout.write(HELP)
            return 0
        case '--help':
        case '-h':
        case undefined:
            process.stdout.write(HELP)
            return 0
        case '--version':
            process.stdout.write(`${version()}\n`)
            return 0
        default:
            throw new UsageError(`There is no command ${command}.`)
    }
}

try {
    process.exitCode = (await run(process.argv.slice(2))) ?? undefined
} catch (error) {
    if (!(error instanceof UsageError)) {
        throw error
    }
    const [, , named = ''] = process.argv
    const isKnown = ['demo', 'example', 'inspect', 'journal', 'status'].includes(named)
    const command = isKnown ? `kibitz ${named}` : 'kibitz'
    process.stderr.write(printable(`kibitz: ${error.message} See ${command} --help.\n`))
    process.exitCode = 2
}
