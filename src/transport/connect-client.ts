import type { Kibitzer } from '../member/kibitzer.js'
import { pickOptions } from '../base/option-table.js'
import type { CertificateUsage } from './security/certificate-report.js'
import type { Certificates } from './security/certificates.js'
import type { Counting } from './http/route.js'
import { CONNECT_OPTIONS, type ConnectOptions } from './call-limits.js'
import { connect, type Send } from './connect.js'

/** The interval between inspections of the certificates of a member, in milliseconds: one hour. */
const INSPECTION_MS = 60 * 60 * 1000

/** A client that keeps connections open. */
export interface TransportClient extends Send {
    /** Closes the connections. Calls in flight and later calls reject. */
    close(): void
}

/** The certificates that a client shows, and the uses for which the member needs them. */
export interface ShownBy {
    readonly certificates: Certificates | null
    readonly usages: readonly CertificateUsage[]
}

/**
 * Makes a member report the defects of its certificates: at once, every hour, and after each change
 * of the certificates. Returns the undo.
 */
function reportCertificates(kibitzer: Counting, { certificates, usages }: ShownBy): () => void {
    if (certificates === null || kibitzer.reportCertificates === undefined) {
        return () => {}
    }
    const inspect = certificates.inspection(usages)
    const review = (): void => void kibitzer.reportCertificates?.(inspect)
    const undo = kibitzer.reportCertificates(inspect)
    const unwatch = certificates.watch(review)
    // Only the member keeps the process alive, not this timer.
    const timer = setInterval(review, INSPECTION_MS).unref()
    return () => {
        clearInterval(timer)
        unwatch()
        undo()
    }
}

/**
 * Connects a Kibitzer with its own client. The connection ends when the Kibitzer is destroyed.
 *
 * @returns The undo of `connect`, which also closes the connections of the client.
 */
export function connectClient(
    kibitzer: Pick<Kibitzer, 'read' | 'write' | 'destruction'> & Counting,
    client: TransportClient,
    options: ConnectOptions,
    shownCertificates: ShownBy
): () => void {
    const disconnect = connect(kibitzer, client, pickOptions(options, CONNECT_OPTIONS))
    const unreport = reportCertificates(kibitzer, shownCertificates)
    const close = (): void => {
        unreport()
        client.close()
    }
    const cookie = kibitzer.destruction.wait(close)
    return () => {
        kibitzer.destruction.cancel(cookie)
        disconnect()
        close()
    }
}
