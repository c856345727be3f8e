import { Kibitzer } from '../../src/member/kibitzer.js'
import { parliament } from '../../src/paxos/membership/government.js'
import { connectHttp } from '../../src/transport/http/http.js'
import { KeyRing } from '../../src/transport/security/keys.js'
import type { Mount, Mounted } from './mounts.js'
import '../support/silence.js'

/** A machine under load may be slow; a slow answer says nothing of what the tests look at. */
const TIMEOUT_MS = 20_000
const CALL_TIMEOUT_MS = 15_000

/** Three members, each on a route of a server of its own. */
export class Republic {
    readonly members: readonly Kibitzer[]
    readonly #mounted: readonly Mounted[]

    private constructor(members: readonly Kibitzer[], mounted: readonly Mounted[]) {
        this.members = members
        this.#mounted = mounted
    }

    /** Founds a republic, in which all three members have a seat. */
    static async found(mount: Mount, isSigned: boolean = false): Promise<Republic> {
        const keys = new KeyRing([{ id: 'k', secret: 'x'.repeat(32) }])
        const members = ['a', 'b', 'c'].map((id) =>
            new Kibitzer({ id, parliamentSize: 3, parliamentFloor: 3, timeout: TIMEOUT_MS }))
        const mounted: Mounted[] = []
        for (const member of members) {
            mounted.push(await mount(member, isSigned ? keys : undefined))
            connectHttp(member, {
                callTimeout: CALL_TIMEOUT_MS, ...(isSigned ? { keys } : {})
            })
            member.listen()
        }
        const [{ url }, ...places] = mounted as [Mounted, ...Mounted[]]
        const [founder, ...newcomers] = members as [Kibitzer, ...Kibitzer[]]
        const entries = founder.entries()
        founder.bootstrap('republic', { url })
        for (const [index, newcomer] of newcomers.entries()) {
            const properties = { url: places[index]?.url }
            while ((await newcomer.join('republic', { url }, properties)) === false) {
                // The leader takes one newcomer after the other.
            }
            newcomer.naturalize()
        }
        for await (const _ of entries) {
            if (parliament(founder.paxos.government).length === 3) {
                break
            }
        }
        return new Republic(members, mounted)
    }

    /** The texts of the values in each member's log, through an entry that all members have. */
    async logs(): Promise<readonly (readonly string[])[]> {
        const last = (await this.members[0]?.publish('last'))?.promise
        return await Promise.all(this.members.map(async (member) => {
            const values: string[] = []
            for await (const entry of member.entries()) {
                // A body of null is a flush of a publisher that is in doubt.
                const isValue = entry.method === 'entry' && entry.body.body !== null
                if (isValue && entry.promise !== last) {
                    values.push(JSON.stringify(entry.body.body))
                }
                if (entry.promise === last) {
                    break
                }
            }
            return values
        }))
    }

    /** Ends the members and their servers. */
    close(): void {
        for (const member of this.members) {
            member.destroy()
        }
        for (const { close } of this.#mounted) {
            close()
        }
    }
}
