import { readFileSync } from 'node:fs'
import { Certificates } from '../../transport/security/certificates.js'
import { parseOptions, UsageError } from '../usage-error.js'

/** The arguments of `kibitz status`. */
export interface StatusOptions {
    /** Urls of members, or folders of journals. */
    readonly targets: readonly string[]
    /** Print JSON instead of a table. */
    readonly json: boolean
    /** Print again every two seconds, until an interruption. */
    readonly watch: boolean
    /** The certificate to show to members with TLS; `null` without one. */
    readonly certificates: Certificates | null
}

/** The text of `kibitz status --help`. */
export const STATUS_HELP: string = `\
kibitz status [--json] [--watch] [--ca FILE --cert FILE --key FILE] URL|DIR ...

  URL       the address of a running member: http://host:port, https://host:port, or host:port.
            The command asks the member for its republic, and then every member of the republic.
  DIR       the folder of a journal: prints what the journal holds, without any member

  --json    print JSON
  --watch   print again every two seconds, until Ctrl-C
  --ca FILE, --cert FILE, --key FILE
            for members with TLS: the authorities, and a certificate that names a member of the
            republic, such as kibitz://orders/operator, in PEM
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
        ca: { type: 'string' },
        cert: { type: 'string' },
        key: { type: 'string' },
        help: { type: 'boolean', short: 'h' }
    })
    if (values.help === true) {
        return null
    }
    if (positionals.length === 0) {
        throw new UsageError('Name the address of a member, or the folder of a journal.')
    }
    const { json = false, watch = false } = values
    return { targets: positionals, json, watch, certificates: certificatesIn(values) }
}

/** The files of a certificate. */
interface CertificateFiles {
    readonly ca?: string
    readonly cert?: string
    readonly key?: string
}

function certificatesIn({ ca, cert, key }: CertificateFiles): Certificates | null {
    if (ca === undefined && cert === undefined && key === undefined) {
        return null
    }
    if (ca === undefined || cert === undefined || key === undefined) {
        throw new UsageError('Pass --ca, --cert and --key together.')
    }
    try {
        const [caPem, certPem, keyPem] = [ca, cert, key].map((path) => readFileSync(path))
        return new Certificates({ ca: caPem ?? '', cert: certPem ?? '', key: keyPem ?? '' })
    } catch (error) {
        throw new UsageError(error instanceof Error ? error.message : String(error))
    }
}
