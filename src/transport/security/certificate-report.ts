import type { X509Certificate } from 'node:crypto'
import type {
    CertificateExpiry, CertificateFault, CertificateFinding, CertificateInspection
} from './certificate-findings.js'
import type { Named } from '../../base/member-logger.js'
import type { Peer } from '../authenticated-peer.js'
import { isUnder, periodOf } from './certificate-chain.js'

const DAY_MS = 24 * 60 * 60 * 1000

/** A certificate that ends within this time, in milliseconds, is reported. */
const SOON_MS = 7 * DAY_MS

/** A use for which TLS asks the certificate of a member. */
export type CertificateUsage = 'clientAuth' | 'serverAuth'

/** The object identifiers by which a certificate names its uses. */
const USAGES: Readonly<Record<CertificateUsage, string>> = {
    clientAuth: '1.3.6.1.5.5.7.3.2',
    serverAuth: '1.3.6.1.5.5.7.3.1'
}

/** The certificates that a member shows and trusts. */
export interface ShownCertificates {
    /** The certificate of the member, followed by the certificates up to the authority. */
    readonly chain: readonly X509Certificate[]
    readonly authorities: readonly X509Certificate[]
    /** The member that the first certificate of the chain names. */
    readonly identity: Peer | null
    /** The uses that the member needs. */
    readonly usages: readonly CertificateUsage[]
}

const DIGITAL_SIGNATURE = 0x80

/** The object identifier of `keyUsage` in DER. */
const KEY_USAGE = Buffer.from([0x06, 0x03, 0x55, 0x1d, 0x0f])

/** In DER, *critical*: the optional part between the object identifier and the value. */
const CRITICAL_BYTES = 3

/** In DER, the tag and the length of the value, and the count of unused bits, before the bits. */
const VALUE_HEAD_BYTES = 5

/** Whether the extension `keyUsage`, if the certificate has one, allows signatures. */
function maySign({ raw }: X509Certificate): boolean {
    const at = raw.indexOf(KEY_USAGE)
    if (at === -1) {
        return true
    }
    const next = at + KEY_USAGE.length
    const valueAt = raw[next] === 0x01 ? next + CRITICAL_BYTES : next
    return ((raw[valueAt + VALUE_HEAD_BYTES] ?? 0) & DIGITAL_SIGNATURE) !== 0
}

/** The uses that a member needs and its certificate does not allow. */
function missingUsages(
    certificate: X509Certificate,
    usages: readonly CertificateUsage[]
): readonly string[] {
    // Without the extension, Node returns `undefined`, and each use is allowed.
    const allowed = certificate.keyUsage as readonly string[] | undefined
    const missing = usages.filter((usage) => allowed?.includes(USAGES[usage]) === false)
    return maySign(certificate) ? missing : [...missing, 'digitalSignature']
}

/** The certificates of the chain, and the authority that certifies the chain, if there is one. */
function pathOf({ chain, authorities }: ShownCertificates): {
    readonly path: readonly X509Certificate[]
    readonly isCertified: boolean
} {
    const path: X509Certificate[] = []
    for (const certificate of chain) {
        path.push(certificate)
        // If two authorities have the same name and key, the one that ends later counts.
        const [authority] = authorities
            .filter((one) => isUnder(certificate, one))
            .sort((one, other) => periodOf(other).endsAt - periodOf(one).endsAt)
        if (authority !== undefined) {
            const isSame = authority.fingerprint256 === certificate.fingerprint256
            return { path: isSame ? path : [...path, authority], isCertified: true }
        }
    }
    return { path, isCertified: false }
}

function subjectOf({ subject }: X509Certificate): string {
    return subject.replaceAll('\n', ', ')
}

function finding(
    certificate: X509Certificate,
    fault: CertificateFault,
    what: string
): CertificateFinding {
    const subject = subjectOf(certificate)
    const text = `The certificate ${subject} ${what}`
    return Object.freeze({ fault, subject, endsAt: periodOf(certificate).endsAt, text })
}

const REFUSED = 'Peers refuse this member'
const REMEDY = 'Replace the certificate'

function inTime(certificate: X509Certificate, now: number): readonly CertificateFinding[] {
    const { beginsAt, endsAt } = periodOf(certificate)
    const end = new Date(endsAt).toISOString()
    if (now > endsAt) {
        return [finding(certificate, 'ended', `has ended at ${end}. ${REFUSED}. ${REMEDY}.`)]
    }
    if (now < beginsAt) {
        const begin = new Date(beginsAt).toISOString()
        const what = `is not valid before ${begin}. ${REFUSED} until then. ${REMEDY}.`
        return [finding(certificate, 'not-begun', what)]
    }
    return endsAt - now > SOON_MS
        ? []
        : [finding(certificate, 'ends-soon', `ends at ${end}. ${REMEDY} before then.`)]
}

function ofMember(
    certificate: X509Certificate,
    identity: Peer,
    { id, republic }: Named
): readonly CertificateFinding[] {
    const isOther = identity.id !== id || (republic !== null && identity.republic !== `${republic}`)
    const named = `kibitz://${encodeURIComponent(identity.republic ?? '')}/${identity.id}`
    const own = `kibitz://${encodeURIComponent(republic ?? 'REPUBLIC')}/${id}`
    const what = `names ${named}, but this member is ${own}. ${REFUSED}. ${REMEDY}.`
    return isOther ? [finding(certificate, 'other-member', what)] : []
}

/** The end of the certificate that ends first. */
function expiryOf(path: readonly X509Certificate[], now: number): CertificateExpiry | null {
    const [first] = path
        .map((certificate) => ({ certificate, endsAt: periodOf(certificate).endsAt }))
        .sort((one, other) => one.endsAt - other.endsAt)
    return first === undefined ? null : {
        subject: subjectOf(first.certificate),
        endsAt: first.endsAt,
        date: new Date(first.endsAt).toISOString(),
        daysLeft: Math.floor((first.endsAt - now) / DAY_MS)
    }
}

/** The defects and the first end of the certificates that a member shows, as of an instant. */
export function inspectionOf(
    shown: ShownCertificates,
    member: Named,
    now: number
): CertificateInspection {
    const { chain: [own], identity, usages } = shown
    if (own === undefined) {
        return { findings: [], expiry: null }
    }
    const { path, isCertified } = pathOf(shown)
    const missing = missingUsages(own, usages).join(', ')
    const lacks =
        `does not allow ${missing}, which TLS asks for. Peers refuse the connections of this ` +
        `member, or to this member. ${REMEDY} by a certificate that allows this use.`
    const foreign =
        `is not certified by an authority in ca, so members with the same ca refuse this ` +
        `member. ${REMEDY}, or add the authority to ca at each member.`
    const findings = [
        ...path.flatMap((certificate) => inTime(certificate, now)),
        ...(missing === '' ? [] : [finding(own, 'lacks-usage', lacks)]),
        ...(identity === null ? [] : ofMember(own, identity, member)),
        ...(isCertified ? [] : [finding(own, 'other-authority', foreign)])
    ]
    return { findings, expiry: expiryOf(path, now) }
}
