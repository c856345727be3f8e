import { constants, X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import {
    type ConnectionOptions,
    createSecureContext,
    type SecureContextOptions,
    TLSSocket,
    type TlsOptions as ServerOptions
} from 'node:tls'
import type { InspectCertificates } from './certificate-findings.js'
import { KibitzError } from '../../base/errors.js'
import { fitting, type OptionKind, type OptionTable, readOptions } from '../../base/option-table.js'
import type { Peer, TurnedAway } from '../authenticated-peer.js'
import { certificatesIn, chainOf, leadsTo, periodOf } from './certificate-chain.js'
import { type CertificateUsage, inspectionOf } from './certificate-report.js'

/** A text or bytes in PEM. */
export type Pem = string | Uint8Array

/**
 * The certificate of a member, and the authorities that the member trusts. Everything is in PEM.
 */
export interface TlsOptions {
    /** The authorities that certify members. These authorities should certify no other party. */
    readonly ca: Pem | readonly Pem[]
    /** The certificate of this member, followed by the certificates up to the authority. */
    readonly cert: Pem
    /** The private key of the certificate. */
    readonly key: Pem
}

function isPem(value: unknown): boolean {
    return typeof value === 'string' || value instanceof Uint8Array
}

const PEM = { expected: 'a text or bytes in PEM', fits: isPem }

/** The kind of each option of `TlsOptions`. */
export const TLS_OPTIONS: OptionTable<TlsOptions> = {
    ca: {
        expected: 'a text or bytes in PEM, or a list of them',
        fits: (value) => (Array.isArray(value) ? value.every(isPem) : isPem(value))
    },
    cert: PEM,
    key: PEM
}

const IDENTITY = /^kibitz:\/\/([^/?#]+)\/([A-Za-z0-9._:-]{1,128})$/

/** One alternative name of a certificate in the notation of Node, which quotes ambiguous names. */
const NAME = /([^:,]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/y

/**
 * The member that a certificate names: the certificate needs exactly one alternative name
 * `kibitz://REPUBLIC/ID`, with a percent-encoded republic. `null` for none or several.
 */
export function identityOf(subjectAltName: string | undefined): Peer | null {
    const identities = [...(subjectAltName ?? '').matchAll(new RegExp(NAME, 'gy'))].flatMap(
        ([, kind, name = '']) => {
            const [, republic, id] = (kind === 'URI' && IDENTITY.exec(name)) || []
            return republic === undefined || id === undefined ? [] : [{ republic, id }]
        }
    )
    const [identity] = identities
    if (identity === undefined || identities.length !== 1) {
        return null
    }
    try {
        return Object.freeze({ id: identity.id, republic: decodeURIComponent(identity.republic) })
    } catch {
        return null
    }
}

const peers = new WeakMap<Socket, Peer | null>()

/** The peer that the certificate of a connection proves; `null` without a valid certificate. */
export function peerOf(socket: Socket): Peer | null {
    if (!(socket instanceof TLSSocket) || !socket.authorized) {
        return null
    }
    const known = peers.get(socket)
    if (known !== undefined) {
        return known
    }
    const [certificate] = chainOf(socket)
    const peer = identityOf(certificate?.subjectAltName)
    peers.set(socket, peer)
    return peer
}

const endings = new WeakMap<TLSSocket, number>()

/** Whether the certificate of the peer has ended since the start of the connection. */
export function hasEnded(socket: Socket): boolean {
    if (!(socket instanceof TLSSocket)) {
        return false
    }
    let endsAt = endings.get(socket)
    if (endsAt === undefined) {
        const [certificate] = chainOf(socket)
        if (certificate === undefined) {
            return false
        }
        endsAt = periodOf(certificate).endsAt
        endings.set(socket, endsAt)
    }
    return Date.now() > endsAt
}

/** Why a TLS connection failed; `null` if the connection only broke. */
export function reasonOf(error: NodeJS.ErrnoException | null, socket: Socket): TurnedAway | null {
    // `authorizationError` is `null` if the certificate is valid.
    const hasFailed = socket instanceof TLSSocket && Boolean(socket.authorizationError)
    const code = error?.code ?? ''
    if (hasFailed || /CERT|SELF_SIGNED|UNABLE_TO/.test(code)) {
        return 'bad-certificate'
    }
    if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') {
        return 'too-slow'
    }
    return code.startsWith('ERR_SSL') ? 'malformed' : null
}

function refuse(what: string, cause?: unknown): never {
    throw new KibitzError(
        'invalid-argument',
        `The certificates are not usable: ${what}. Nothing was started or changed; correct them.`,
        { cause }
    )
}

/** Checked certificates. */
interface CheckedCertificates {
    readonly context: SecureContextOptions
    readonly chain: readonly X509Certificate[]
    readonly authorities: readonly X509Certificate[]
}

function check(options: TlsOptions): CheckedCertificates {
    // Without `ca`, TLS would accept every authority that the system trusts.
    const subject = 'the certificates'
    const { ca, cert, key } = readOptions(subject, options, TLS_OPTIONS, ['ca', 'cert', 'key'])
    const context: SecureContextOptions = {
        ca: [ca].flat().map((pem) => Buffer.from(pem as Pem)),
        cert: Buffer.from(cert),
        key: Buffer.from(key),
        minVersion: 'TLSv1.3',
        // A resumed TLS session skips the check of the certificate.
        secureOptions: constants.SSL_OP_NO_TICKET
    }
    try {
        createSecureContext(context)
    } catch (cause) {
        refuse('TLS does not accept the certificates', cause)
    }
    if (identityOf(new X509Certificate(Buffer.from(cert)).subjectAltName) === null) {
        refuse('cert must have one URI kibitz://REPUBLIC/ID among its alternative names')
    }
    const authorities = [ca].flat().flatMap((pem) => certificatesIn(pem as Pem))
    return { context, chain: certificatesIn(cert), authorities }
}

/**
 * The certificates of a member: TLS 1.3, with a certificate on both sides. One `Certificates` may
 * serve several transports; `replace` changes all of them at once.
 *
 * A certificate names its member. A peer is the member that its certificate names, from any
 * address; host names do not count.
 */
export class Certificates {
    #checked: CheckedCertificates
    readonly #watchers = new Set<() => void>()
    /** The number of calls of `replace`. */
    version = 0

    /** @throws KibitzError `invalid-argument`. */
    constructor(options: TlsOptions) {
        this.#checked = check(options)
    }

    /**
     * Replaces the certificate of this member and the authorities. A listener cuts the connections
     * of peers that the new authorities do not certify, at once. All other peers move to new
     * connections.
     *
     * @throws KibitzError `invalid-argument`; then the old certificates stay in use.
     */
    replace(options: TlsOptions): void {
        this.#checked = check(options)
        this.version++
        for (const watcher of this.#watchers) {
            watcher()
        }
    }

    /** Calls `watcher` after each `replace`. Returns the undo. */
    watch(watcher: () => void): () => void {
        this.#watchers.add(watcher)
        return () => {
            this.#watchers.delete(watcher)
        }
    }

    /** Whether the current authorities certify the peer of an open connection. */
    believes(socket: Socket): boolean {
        const { authorities } = this.#checked
        return socket instanceof TLSSocket && leadsTo(authorities, socket, Date.now())
    }

    /**
     * Makes the inspection of the certificates that a member shows, for the uses that the member
     * needs.
     */
    inspection(usages: readonly CertificateUsage[]): InspectCertificates {
        return (member) => {
            const { chain, authorities } = this.#checked
            const identity = identityOf(chain[0]?.subjectAltName)
            return inspectionOf({ chain, authorities, identity, usages }, member, Date.now())
        }
    }

    /** The TLS options of a server. */
    forServer(): ServerOptions & SecureContextOptions {
        return { ...this.#checked.context, requestCert: true, rejectUnauthorized: true }
    }

    /** The TLS options of a client. The server must be a member; the call checks which member. */
    forClient(): ConnectionOptions {
        return {
            ...this.#checked.context,
            rejectUnauthorized: true,
            checkServerIdentity: (_host, { subjectaltname }) => {
                return identityOf(subjectaltname) === null
                    ? new Error('The certificate names no member.')
                    : undefined
            }
        }
    }
}

/** The kind of the option `tls`. */
export const TLS: OptionKind = fitting(
    'an object with ca, cert and key, or Certificates',
    (value) => typeof value === 'object' && !Array.isArray(value)
)

/** Makes `Certificates` from the option `tls`; `null` if the option is absent. */
export function certificatesOf(tls: TlsOptions | Certificates | undefined): Certificates | null {
    return tls === undefined || tls instanceof Certificates
        ? (tls ?? null)
        : new Certificates(tls)
}
