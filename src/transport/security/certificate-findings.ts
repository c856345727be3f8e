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

/** The end of the certificate that ends first, of the certificates that a member shows. */
export interface CertificateExpiry {
    /** The subject of the certificate, or of a certificate above it, such as `CN=a`. */
    readonly subject: string
    /** The end of the validity, in milliseconds since the epoch. */
    readonly endsAt: number
    /** The same as a date, such as `2027-02-28T12:00:00.000Z`. */
    readonly date: string
    /** The number of whole days until the end; negative after the end. */
    readonly daysLeft: number
}

/** The result of an inspection. */
export interface CertificateInspection {
    readonly findings: readonly CertificateFinding[]
    /** `null` if no certificate is shown. */
    readonly expiry: CertificateExpiry | null
}

/** Inspects the certificates that a transport shows for a member, at the time of the call. */
export type InspectCertificates = (member: Named) => CertificateInspection

function keyOf({ fault, subject, endsAt }: CertificateFinding): string {
    return JSON.stringify([fault, subject, endsAt])
}

const NOTHING: CertificateInspection = Object.freeze({ findings: [], expiry: null })

/**
 * Reads the result of an inspection, each field once; an empty result if the inspection misbehaves.
 */
function readInspection(inspect: InspectCertificates, member: Named): CertificateInspection {
    try {
        const { findings, expiry } = inspect(member)
        const isReadable = Array.isArray(findings) && findings.length <= FINDINGS_MAX
        return isReadable
            ? { findings: findings.map(readFinding), expiry: expiry && readExpiry(expiry) }
            : NOTHING
    } catch {
        return NOTHING
    }
}

function readFinding(found: CertificateFinding): CertificateFinding {
    const { fault, subject, endsAt, text } = found
    return {
        fault: String(fault) as CertificateFault, subject: String(subject), endsAt: Number(endsAt),
        text: String(text)
    }
}

function readExpiry(expiry: CertificateExpiry): CertificateExpiry {
    const { subject, endsAt, date, daysLeft } = expiry
    return Object.freeze({
        subject: String(subject), endsAt: Number(endsAt), date: String(date),
        daysLeft: Number(daysLeft)
    })
}

/** The limit of findings of one inspection. */
const FINDINGS_MAX = 1024

/**
 * The defects of the certificates that the transports of a member show.
 *
 * 1. Each finding is logged once, and again if the finding disappears and returns.
 * 2. `inspect` inspects the certificates at each call, and logs nothing.
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
        const { findings } = this.inspect()
        for (const finding of findings.filter((one) => !this.#logged.has(keyOf(one)))) {
            const level = finding.fault === 'ends-soon' ? 'warn' : 'error'
            this.#logger[level]('certificate', { ...finding })
        }
        this.#logged = new Set(findings.map(keyOf))
    }

    /** All findings, and the first end of a certificate, as of now. */
    inspect(): CertificateInspection {
        const member = this.#member()
        const all = [...this.#inspections].map((inspect) => readInspection(inspect, member))
        const [first = null] = all
            .flatMap(({ expiry }) => expiry ?? [])
            .sort((one, other) => one.endsAt - other.endsAt)
        return { findings: all.flatMap(({ findings }) => findings), expiry: first }
    }
}
