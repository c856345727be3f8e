import { parseOptions, UsageError } from '../usage-error.js'

/** The arguments of `kibitz status`. */
export interface StatusOptions {
    /** Urls of members, or folders of journals. */
    readonly targets: readonly string[]
    /** Print JSON instead of a table. */
    readonly json: boolean
    /** Print again every two seconds, until an interruption. */
    readonly watch: boolean
}

/** The text of `kibitz status --help`. */
export const STATUS_HELP: string = `\
kibitz status [--json] [--watch] URL|DIR ...

  URL       the address of a running member: http://host:port, or host:port. The command asks
            the member for its republic, and then every member of the republic.
  DIR       the folder of a journal: prints what the journal holds, without any member

  --json    print JSON
  --watch   print again every two seconds, until Ctrl-C
  --help    show this text

Exit code: 0 every member answers, and the republic can lose a member; 1 a leader is known, but a
member does not answer or the republic can lose no member; 2 wrong usage; 3 no leader is known, or
no member answers, or a folder cannot be read.
`

/**
 * Reads the arguments; `null` if the help is asked for.
 *
 * @throws UsageError if an option is unknown, or no target is given.
 */
export function parseStatus(args: readonly string[]): StatusOptions | null {
    const { values, positionals } = parseOptions(args, {
        json: { type: 'boolean' },
        watch: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' }
    })
    if (values.help === true) {
        return null
    }
    if (positionals.length === 0) {
        throw new UsageError('Name the address of a member, or the folder of a journal.')
    }
    const { json = false, watch = false } = values
    return { targets: positionals, json, watch }
}
