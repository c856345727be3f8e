import { onAbort } from '../base/abort-signal.js'
import { rejectArgument, KibitzError } from '../base/errors.js'
import { MemoryNetwork } from '../transport/memory.js'
import type { Attach, Attachable } from './transport.js'
import type { Post, Reply } from './out-of-band-messages.js'

/** The Colleagues of each network, by their ids. */
const colleagues = new WeakMap<MemoryNetwork, Map<string, Attachable>>()

/** Waits for the end of a question that the network loses. */
function untilAborted(signal: AbortSignal): Promise<never> {
    return new Promise((_, reject) => {
        onAbort(signal, () => reject(signal.reason))
    })
}

/** Resolves in a later turn. */
function nextTurn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve))
}

/**
 * Connects a Colleague in memory, without a port, for tests of a service: pass the result to
 * `start` as `attach`. The members of one network find each other, so `start` needs no `through`.
 * Cuts and isolations of the network also hold for questions and states; delays and drops do not.
 *
 * @throws KibitzError `invalid-argument`. The returned function throws `address-in-use` if a member
 * with the same id is on the network.
 */
export function inMemory(network: MemoryNetwork): Attach {
    if (!(network instanceof MemoryNetwork)) {
        rejectArgument('The argument of inMemory must be a MemoryNetwork.')
    }
    const known = colleagues.get(network) ?? new Map<string, Attachable>()
    colleagues.set(network, known)
    const attach: Attach = (colleague) => {
        const { id } = colleague.kibitzer
        const properties = { ...network.attach(colleague.kibitzer) }
        known.set(id, colleague)
        return Object.freeze({
            properties,
            carriesBytes: true,
            ask: async (to: unknown, post: Post, signal: AbortSignal): Promise<Reply> => {
                const { memory } = (to ?? {}) as { readonly memory?: unknown }
                const at = String(memory)
                await (network.carries(id, at) ? nextTurn() : untilAborted(signal))
                const asked = known.get(at)
                if (asked === undefined) {
                    throw new KibitzError('unreachable', `No member named ${at} is attached.`)
                }
                const reply = await asked.answer(post)
                await (network.carries(at, id) ? nextTurn() : untilAborted(signal))
                return reply
            },
            close: () => {
                if (known.get(id) === colleague) {
                    known.delete(id)
                    network.detach(id)
                }
                return Promise.resolve()
            }
        })
    }
    const through = (): readonly { readonly memory: string }[] =>
        [...known.keys()].map((memory) => ({ memory }))
    return Object.assign(attach, { through })
}
