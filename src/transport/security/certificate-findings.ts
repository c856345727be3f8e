import { KibitzError } from '../../base/errors.js'
import type { MemberLogger, Named } from '../../base/member-logger.js'

/** The defect of a certificate that a member shows. */
export type CertificateFault =
    /** The certificate ends within a week. */
    | 'ends-soon'
    /** The certificate has ended. */
    | 'ended'
    /** The certificate is not valid yet. */
    | 'not-begun'
    /** The certificate does not allow a use that a member needs. */
    | 'lacks-usage'
    /** The certificate names another member, or another republic. */
    | 'other-member'
    /** No authority of this member certifies the certificate. */
    | 'other-authority'

/** A defect of a certificate that this member shows to its peers, as plain data. */
export interface CertificateFinding {
    readonly fault: CertificateFault
    /** The subject of the certificate, such as `CN=a`. */
    readonly subject: string
    /** The end of the validity, in milliseconds since the epoch. */
    readonly endsAt: number
    /** The defect, its effect and the remedy in words. */
    readonly text: string
}

/** Inspects the certificates that a transport shows for a member, at the time of the call. */
export type InspectCertificates = (member: Named) => readonly CertificateFinding[]

function keyOf({ fault, subject, endsAt }: CertificateFinding): string {
    return JSON.stringify([fault, subject, endsAt])
}

/**
 * Reads the findings of an inspection, each field once; no findings if the inspection misbehaves.
 */
function findingsOf(inspect: InspectCertificates, member: Named): readonly CertificateFinding[] {
    try {
        const found: unknown = inspect(member)
        return Array.isArray(found) && found.length <= FINDINGS_MAX ? found.map(readFinding) : []
    } catch {
        return []
    }
}

function readFinding(found: CertificateFinding): CertificateFinding {
    const { fault, subject, endsAt, text } = found
    return {
        fault: String(fault) as CertificateFault, subject: String(subject), endsAt: Number(endsAt),
        text: String(text)
    }
}

/** The limit of findings of one inspection. */
const FINDINGS_MAX = 1024

/**
 * The defects of the certificates that the transports of a member show.
 *
 * 1. Each finding is logged once, and again if the finding disappears and returns.
 * 2. `all` inspects the certificates at each call, and logs nothing.
 */
export class CertificateFindings {
    readonly #member: () => Named
    readonly #logger: Pick<MemberLogger, 'error' | 'warn'>
    readonly #inspections = new Set<InspectCertificates>()
    #logged: ReadonlySet<string> = new Set()

    constructor(member: () => Named, logger: Pick<MemberLogger, 'error' | 'warn'>) {
        this.#member = member
        this.#logger = logger
    }

    /**
     * Adds an inspection and reviews all inspections. A repeated `add` of the same function only
     * reviews. Returns the undo.
     *
     * @throws KibitzError `invalid-argument` if the inspection is not a function.
     */
    add(inspect: InspectCertificates): () => void {
        if (typeof inspect !== 'function') {
            throw new KibitzError('invalid-argument', 'An inspection of certificates is a ' +
                'function. Nothing was done; pass a function.')
        }
        this.#inspections.add(inspect)
        this.review()
        return () => {
            this.#inspections.delete(inspect)
        }
    }

    /** Logs the findings that are new since the last review. */
    review(): void {
        const findings = this.all
        for (const finding of findings.filter((one) => !this.#logged.has(keyOf(one)))) {
            const level = finding.fault === 'ends-soon' ? 'warn' : 'error'
            this.#logger[level]('certificate', { ...finding })
        }
        this.#logged = new Set(findings.map(keyOf))
    }

    /** All findings, as of now. */
    get all(): readonly CertificateFinding[] {
        const member = this.#member()
        return [...this.#inspections].flatMap((inspect) => findingsOf(inspect, member))
    }
}
