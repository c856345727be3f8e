import type { Properties } from '../../paxos/messages/messages.js'
import type { TransportClient } from '../connect-client.js'
import type { Send } from '../connect.js'
import type { Exchange } from '../http/sized-posts.js'
import type { HttpSend } from '../http/from-options.js'
import type { TcpSend } from '../tcp/from-options.js'
import { NotFrames } from '../tcp/pending-calls.js'
import { addressesOf } from './addresses.js'

/**
 * After an addressee has answered a call with frames over HTTP, the client calls it over HTTP for
 * this time, in milliseconds.
 */
const HTTP_MS = 10_000

/** The limit of addresses that are known to speak HTTP only. */
const HTTP_MAX = 1024

/** The client of a member whose peers speak frames, or HTTP, or both. */
export interface MixedSend extends TransportClient {
    /** Posts any value to the addressee over HTTP, and resolves with the response. */
    exchange(to: Properties, value: unknown, signal: AbortSignal): Promise<Exchange>
}

/**
 * Makes the client: calls with frames if the properties of the addressee have an address for
 * frames, otherwise over HTTP. If an addressee with both addresses speaks HTTP only, for example
 * an older version of kibitz, the call goes over HTTP.
 */
export function mixedSendOf(frames: TcpSend, web: HttpSend, isSecure: boolean): MixedSend {
    const httpUntil = new Map<string, number>()
    const note = (address: string): void => {
        httpUntil.delete(address)
        httpUntil.set(address, performance.now() + HTTP_MS)
        const [oldest] = httpUntil.keys()
        if (httpUntil.size > HTTP_MAX && oldest !== undefined) {
            httpUntil.delete(oldest)
        }
    }
    const send: Send = (to, envelope, signal) => {
        const { tcp, url } = addressesOf(to, isSecure)
        const speaksHttp = tcp === null || (httpUntil.get(tcp) ?? 0) > performance.now()
        if (url !== null && speaksHttp) {
            return web({ url }, envelope, signal)
        }
        return frames({ url: tcp }, envelope, signal).catch((error) => {
            if (tcp === null || url === null || !(error instanceof NotFrames)) {
                throw error
            }
            note(tcp)
            return web({ url }, envelope, signal)
        })
    }
    return Object.assign(send, {
        exchange: (to: Properties, value: unknown, signal: AbortSignal): Promise<Exchange> =>
            web.exchange({ url: addressesOf(to, isSecure).url }, value, signal),
        close: () => {
            frames.close()
            web.close()
        }
    })
}
