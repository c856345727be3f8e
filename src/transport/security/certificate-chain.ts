import { X509Certificate } from 'node:crypto'
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'

/** The limit of certificates of a peer that are read, beginning with its own. */
const CHAIN_MAX = 10

const PEM = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

/** The certificates in a PEM text. @throws Error if a certificate cannot be parsed. */
export function certificatesIn(pem: string | Uint8Array): readonly X509Certificate[] {
    const text = typeof pem === 'string' ? pem : Buffer.from(pem).toString('latin1')
    return (text.match(PEM) ?? []).map((one) => new X509Certificate(one))
}

/** The beginning and the end of the validity of a certificate, in milliseconds since the epoch. */
export function periodOf({ validFrom, validTo }: X509Certificate): {
    readonly beginsAt: number
    readonly endsAt: number
} {
    return { beginsAt: Date.parse(validFrom), endsAt: Date.parse(validTo) }
}

function isInForce(certificate: X509Certificate, now: number): boolean {
    const { beginsAt, endsAt } = periodOf(certificate)
    return beginsAt <= now && now <= endsAt
}

/** Whether an authority has issued a certificate, or is the certificate itself. */
export function isUnder(certificate: X509Certificate, authority: X509Certificate): boolean {
    return (
        certificate.fingerprint256 === authority.fingerprint256 ||
        (certificate.checkIssued(authority) && certificate.verify(authority.publicKey))
    )
}

const chains = new WeakMap<TLSSocket, readonly X509Certificate[]>()

/**
 * The certificates that a peer has shown, its own first. Call this function when the connection is
 * made: Node may forget the certificates later. The result is cached.
 */
export function chainOf(socket: TLSSocket): readonly X509Certificate[] {
    const known = chains.get(socket)
    if (known !== undefined) {
        return known
    }
    const chain: X509Certificate[] = []
    chains.set(socket, chain)
    let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true)
    while (next?.raw !== undefined && chain.length < CHAIN_MAX) {
        chain.push(new X509Certificate(next.raw))
        next = next.issuerCertificate === next ? undefined : next.issuerCertificate
    }
    return chain
}

/**
 * Whether the certificates of a peer lead to one of the authorities, and are all valid at `now`.
 */
export function leadsTo(
    authorities: readonly X509Certificate[],
    socket: TLSSocket,
    now: number
): boolean {
    const inForce = authorities.filter((authority) => isInForce(authority, now))
    for (const certificate of chainOf(socket)) {
        if (!isInForce(certificate, now)) {
            return false
        }
        if (inForce.some((authority) => isUnder(certificate, authority))) {
            return true
        }
    }
    return false
}
