import type { PartHost } from './part.js'

/** The longest wait of a stop for the log, in milliseconds. */
export const RELEASE_MS = 2000

/**
 * Resolves when the log has taken the last commands of this process, or after `RELEASE_MS`. Without
 * a majority the log takes no command: then the leases of this process end by their ttl.
 */
export async function untilReleased(host: PartHost, releases: Promise<unknown>): Promise<void> {
    let endTimer: () => void = () => {}
    const limit = new Promise<void>((resolve) => { endTimer = host.after(RELEASE_MS, resolve) })
    await Promise.race([releases.catch(() => {}), limit])
    endTimer()
}
