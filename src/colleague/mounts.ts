import type { Kibitzer } from '../member/kibitzer.js'
import type { MixedListener, MixedOptions } from '../transport/mixed/listener.js'
import { type MountedMember, mountMixed } from '../transport/mixed/mounted.js'

/** The members that servers of the user serve. */
const mounts = new WeakMap<Kibitzer, MountedMember>()

/** The member that a server serves; `undefined` before the start and after the end. */
export function mountedMemberOf(kibitzer: Kibitzer): MountedMember | undefined {
    return mounts.get(kibitzer)
}

/**
 * Lets `handler` serve a member, and connects the member with a client.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function openMount(kibitzer: Kibitzer, options: MixedOptions, mount: string): MixedListener {
    const member = mountMixed(kibitzer, options, mount)
    mounts.set(kibitzer, member)
    return Object.freeze({
        url: member.url,
        tcp: null,
        client: member.client,
        close: () => {
            mounts.delete(kibitzer)
            member.close()
            return Promise.resolve()
        }
    })
}
