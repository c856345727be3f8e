import type { Kibitzer } from '../member/kibitzer.js'
import { pickOptions } from '../base/option-table.js'
import type { CertificateUsage } from './security/certificate-report.js'
import type { Certificates } from './security/certificates.js'
import type { Counting } from './http/route.js'
import { CONNECT_OPTIONS, type ConnectOptions, connect, type Send } from './connect.js'

/** How often the certificates of a member are inspected, in milliseconds: once an hour. */
const INSPECTION_MS = 60 * 60 * 1000

/** A client that holds connections. */
export interface TransportClient extends Send {
    /** Closes the connections; calls under way and later calls reject. */
    close(): void
}

/** The certificates that a client shows, and the uses that the member needs. */
export interface ShownBy {
    readonly certificates: Certificates | null
    readonly usages: readonly CertificateUsage[]
}

/**
 * Has a member report the defects of its certificates: now, once an hour, and if the certificates
 * change. Returns the undo.
 */
function reportCertificates(kibitzer: Counting, { certificates, usages }: ShownBy): () => void {
    if (certificates === null || kibitzer.reportCertificates === undefined) {
        return () => {}
    }
    const inspect = certificates.inspection(usages)
    const review = (): void => void kibitzer.reportCertificates?.(inspect)
    const undo = kibitzer.reportCertificates(inspect)
    const unwatch = certificates.watch(review)
    // The member keeps the process alive, not this timer.
    const timer = setInterval(review, INSPECTION_MS).unref()
    return () => {
        clearInterval(timer)
        unwatch()
        undo()
    }
}

/**
 * Connects a Kibitzer with a client of its own, which ends with the Kibitzer.
 *
 * @returns The undo, as `connect` has it. It closes the connections of the client.
 */
export function connectClient(
    kibitzer: Pick<Kibitzer, 'read' | 'write' | 'destruction'> & Counting,
    client: TransportClient,
    options: ConnectOptions,
    shown: ShownBy
): () => void {
    const disconnect = connect(kibitzer, client, pickOptions(options, CONNECT_OPTIONS))
    const unreport = reportCertificates(kibitzer, shown)
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
