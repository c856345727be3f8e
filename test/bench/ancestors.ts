import type { Invoke } from 'conduit/caller.js'
import Ancestor, { type Call } from 'reference-kibitz'
import { type Measured, type Pace, payload, press } from './load.js'

function overWire(value: unknown): unknown {
    return JSON.parse(JSON.stringify(value ?? null))
}

/** Waits until an ancestor's log holds an entry after which something is so. */
function until(ancestor: Ancestor, isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
        const feed = ancestor.log.shifter().pump(() => {
            // Nothing may be done to its queue while that is being read.
            setImmediate(() => {
                if (isSo()) {
                    feed.cancel()
                    resolve()
                }
            })
        })
        if (isSo()) {
            feed.cancel()
            resolve()
        }
    })
}

/**
 * Members of `kibitz@0.17.3` in one process, wired as ours are: a call and an answer cross as JSON
 * and take a turn each. Nothing is lost and nobody stops, since most of what is wrong with the
 * ancestor shows only then; like this it works for as long as it is asked to.
 */
export class Ancestors implements Disposable {
    readonly #members = new Map<string, Ancestor>()

    /** Settles so many; resolves when the parliament has grown to them. */
    static async settle(count: number): Promise<Ancestors> {
        const ancestors = new Ancestors()
        const founder = ancestors.#land('member-0')
        founder.bootstrap('bench', { at: 'member-0' })
        for (let index = 1; index < count; index++) {
            await ancestors.#admit(`member-${index}`)
        }
        await until(founder, () => {
            const { majority, minority } = founder.paxos.government
            return majority.length + minority.length === count
        })
        return ancestors
    }

    /** Lets callers publish at one member; each waits until its entry is in that one's log. */
    async press(at: number, size: number, pace: Pace): Promise<Measured> {
        const ancestor = this.#member(`member-${at}`)
        const waiting = new Map<unknown, () => void>()
        let published = 0
        const feed = ancestor.log.shifter().pump((entry) => {
            const value = entry?.body.body
            waiting.get(value)?.()
            waiting.delete(value)
        })
        const measured = await press(() => {
            return new Promise<void>((resolve) => {
                const value = payload(published++, size)
                waiting.set(value, resolve)
                ancestor.publish(value)
            })
        }, pace)
        feed.cancel()
        return measured
    }

    #member(id: string): Ancestor {
        const ancestor = this.#members.get(id)
        if (ancestor === undefined) {
            throw new RangeError(`There is no ancestor ${id}.`)
        }
        return ancestor
    }

    #land(id: string): Ancestor {
        const ancestor = new Ancestor({ id })
        this.#members.set(id, ancestor)
        ancestor.read.shifter().pump((call) => {
            if (call?.method === 'invoke') {
                this.#carry(ancestor, call)
            }
        })
        ancestor.listen((error) => {
            if (error) {
                throw error
            }
        })
        return ancestor
    }

    async #admit(id: string): Promise<void> {
        const ancestor = this.#land(id)
        const ask = (): Promise<unknown> => new Promise((resolve) => {
            ancestor.join('bench', { at: 'member-0' }, { at: id }, (_error, taken) => {
                resolve(taken)
            })
        })
        while ((await ask()) === false) {
            // It is asked again at once; each answer takes its turns.
        }
        await until(ancestor, () => ancestor.paxos.government.promise !== '0/0')
        ancestor.acclimate()
    }

    #carry(ancestor: Ancestor, { cookie, body: call }: Invoke<Call>): void {
        setImmediate(() => {
            const addressee = this.#member(call.to.at)
            addressee.request(overWire(call), (_error, answer) => {
                setImmediate(() => {
                    ancestor.write.push({
                        module: 'conduit/procedure', method: 'invocation', cookie,
                        body: overWire(answer)
                    })
                })
            })
        })
    }

    [Symbol.dispose](): void {
        for (const ancestor of this.#members.values()) {
            ancestor.destroy()
        }
    }
}

/** Settles ancestors, warms them up, presses them at each pace in turn, and ends them. */
export async function pressAncestors(
    { members, at = 0, size }: { readonly members: number; readonly at?: number; size: number },
    warmth: Pace,
    paces: readonly Pace[]
): Promise<readonly Measured[]> {
    using ancestors = await Ancestors.settle(members)
    await ancestors.press(at, size, warmth)
    const measured: Measured[] = []
    for (const pace of paces) {
        measured.push(await ancestors.press(at, size, pace))
    }
    return measured
}
