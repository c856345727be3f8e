/** The path for calls of members on a port of a Colleague. */
const PATH = '/kibitz'

/** Where a member is called. */
export interface Addresses {
    /** The address for frames, as a url; `null` if the member takes none. */
    readonly tcp: string | null
    /** The url for HTTP; `null` if the properties name no address. */
    readonly url: string | null
}

/**
 * The addresses in the properties of a member: `tcp` for frames and `url` for HTTP. A `url` of the
 * scheme `tcp:` or `tls:` is an address for frames, and the same port speaks HTTP.
 *
 * @param isSecure Whether every address is called over TLS, also an address without TLS.
 */
export function addressesOf(properties: unknown, isSecure: boolean): Addresses {
    const { tcp, url } = (properties ?? {}) as Readonly<Record<string, unknown>>
    const frames = framesOf(tcp) ?? framesOf(url)
    const web = typeof url === 'string' && framesOf(url) === null ? url : null
    const called = web ?? (frames === null ? null : `${webOf(frames)}${PATH}`)
    return {
        tcp: isSecure ? (frames?.replace(/^tcp:/i, 'tls:') ?? null) : frames,
        url: isSecure ? (called?.replace(/^http:/i, 'https:') ?? null) : called
    }
}

/** The url for HTTP at the same host and port as an address for frames. Any other text stays. */
export function webOf(address: string): string {
    return address.replace(/^tcp:/i, 'http:').replace(/^tls:/i, 'https:')
}

/** Whether a url is an address for frames. */
export function isFrames(url: string): boolean {
    return /^t(?:cp|ls):\/\//i.test(url)
}

function framesOf(value: unknown): string | null {
    return typeof value === 'string' && isFrames(value) ? value.replace(/\/$/, '') : null
}
