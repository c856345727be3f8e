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
import { type CertificateUsage, findingsOf } from './certificate-report.js'

/** Something in PEM. */
export type Pem = string | Uint8Array

/** What a member of a republic shows, and whom it believes. All of it in PEM. */
export interface TlsOptions {
    /** The authorities that certify members, and nobody else. */
    readonly ca: Pem | readonly Pem[]
    /** This member's certificate, and those between it and the authority. */
    readonly cert: Pem
    /** The private key of the certificate. */
    readonly key: Pem
}

function isPem(value: unknown): boolean {
    return typeof value === 'string' || value instanceof Uint8Array
}

const PEM = { expected: 'a text or bytes in PEM', fits: isPem }

/** What each of these options may be. */
export const TLS_OPTIONS: OptionTable<TlsOptions> = {
    ca: {
        expected: 'a text or bytes in PEM, or a list of them',
        fits: (value) => (Array.isArray(value) ? value.every(isPem) : isPem(value))
    },
    cert: PEM,
    key: PEM
}

const IDENTITY = /^kibitz:\/\/([^/?#]+)\/([A-Za-z0-9._:-]{1,128})$/

/** One name of a certificate, as Node writes them: in quotation marks where it could be misread. */
const NAME = /([^:,]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/y

/**
 * Who a certificate is of: the one name of it that is `kibitz://REPUBLIC/ID`, with the republic
 * percent-encoded. `null` where there is none, or more than one.
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

/** Who is at the other end, proven by certificate; `null` where nobody is. */
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

/** Whether the certificate at the other end has ended since the connection was made. */
export function hasEnded(socket: Socket): boolean {
    if (!(socket instanceof TLSSocket)) {
        return false
    }
    const known = endings.get(socket)
    const [certificate] = known === undefined ? chainOf(socket) : []
    const shown = certificate === undefined ? undefined : periodOf(certificate).endsAt
    const endsAt = known ?? shown ?? Number.POSITIVE_INFINITY
    endings.set(socket, endsAt)
    return Date.now() > endsAt
}

/** Why a connection under TLS did not come to be; `null` where it was merely broken off. */
export function reasonOf(error: NodeJS.ErrnoException | null, socket: Socket): TurnedAway | null {
    // Node has it `null` where nothing was wrong.
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

/** Certificates that TLS takes. */
interface Checked {
    readonly context: SecureContextOptions
    readonly chain: readonly X509Certificate[]
    readonly authorities: readonly X509Certificate[]
}

function check(options: TlsOptions): Checked {
    // Without an authority every authority that the system trusts would do.
    const subject = 'the certificates'
    const { ca, cert, key } = readOptions(subject, options, TLS_OPTIONS, ['ca', 'cert', 'key'])
    const context: SecureContextOptions = {
        ca: [ca].flat().map((pem) => Buffer.from(pem as Pem)),
        cert: Buffer.from(cert),
        key: Buffer.from(key),
        minVersion: 'TLSv1.3',
        // A session that is resumed is not checked again.
        secureOptions: constants.SSL_OP_NO_TICKET
    }
    try {
        createSecureContext(context)
    } catch (cause) {
        refuse('TLS does not take them', cause)
    }
    if (identityOf(new X509Certificate(Buffer.from(cert)).subjectAltName) === null) {
        refuse('cert must have one URI kibitz://REPUBLIC/ID among its alternative names')
    }
    const authorities = [ca].flat().flatMap((pem) => certificatesIn(pem as Pem))
    return { context, chain: certificatesIn(cert), authorities }
}

/**
 * What a member shows and whom it believes: TLS 1.3, with a certificate on both sides. One of
 * these may serve several transports, and is changed for all of them at once.
 *
 * A certificate names its member: a peer is who its certificate says, wherever it calls from, and
 * host names do not count.
 */
export class Certificates {
    #checked: Checked
    readonly #watchers = new Set<() => void>()
    /** How often they have been replaced. */
    version = 0

    /** @throws KibitzError `invalid-argument`. */
    constructor(options: TlsOptions) {
        this.#checked = check(options)
    }

    /**
     * Changes the certificate of this member and the authorities. A listener cuts the connections
     * of a peer that the new authorities do not certify, at once; all other connections move over.
     *
     * @throws KibitzError `invalid-argument`. Then nothing has changed.
     */
    replace(options: TlsOptions): void {
        this.#checked = check(options)
        this.version++
        for (const watcher of this.#watchers) {
            watcher()
        }
    }

    /** Has something called after each change. Returns the undo. */
    watch(watcher: () => void): () => void {
        this.#watchers.add(watcher)
        return () => {
            this.#watchers.delete(watcher)
        }
    }

    /**
     * Whether the peer at the other end of a connection would still be believed if the connection
     * were made now.
     */
    believes(socket: Socket): boolean {
        const { authorities } = this.#checked
        return socket instanceof TLSSocket && leadsTo(authorities, socket, Date.now())
    }

    /** Inspects the certificates that a member shows, for the uses that the member needs. */
    inspection(usages: readonly CertificateUsage[]): InspectCertificates {
        return (member) => {
            const { chain, authorities } = this.#checked
            const identity = identityOf(chain[0]?.subjectAltName)
            return findingsOf({ chain, authorities, identity, usages }, member, Date.now())
        }
    }

    /** As a server wants them. */
    forServer(): ServerOptions & SecureContextOptions {
        return { ...this.#checked.context, requestCert: true, rejectUnauthorized: true }
    }

    /** As a client wants them. Who is called has to be a member; which one, the call decides. */
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

/** What an option may be that takes certificates. */
export const TLS: OptionKind = fitting(
    'an object with ca, cert and key, or Certificates',
    (value) => typeof value === 'object' && !Array.isArray(value)
)

/** What a transport is given, made into what it uses; `null` where it is given nothing. */
export function certificatesOf(tls: TlsOptions | Certificates | undefined): Certificates | null {
    return tls === undefined || tls instanceof Certificates
        ? (tls ?? null)
        : new Certificates(tls)
}
