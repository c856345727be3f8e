import type { Said, Tally } from './words.js'

/** What the three must be at one about. */
interface Marked {
    readonly hash: string
    readonly by: string
}

/**
 * What was said by members that are killed again and again, and all that is wrong with it:
 *
 * 1. What was acknowledged is in every log behind a barrier, and stays there.
 * 2. Nothing is there twice, and nothing is missing between (the members themselves see to that).
 * 3. All logs are one: so many values come to the same, whoever says so and however often.
 * 4. A government is one, and a member keeps its incarnation.
 */
export class Ledger {
    readonly faults: string[] = []
    /** The highest publish of each that was acknowledged. */
    readonly acked: Record<string, number> = {}
    /** What was said how often. */
    readonly counts: Record<string, number> = {}
    readonly #marks = new Map<number, Marked>()
    readonly #governments = new Map<string, string>()
    readonly #incarnations = new Map<string, string>()

    /**
     * Takes what a member has said.
     *
     * @param due What had been acknowledged when it was asked, where it was asked.
     */
    take(id: string, said: Said, due: Readonly<Record<string, number>> = {}): void {
        const [kind = ''] = Object.keys(said)
        this.counts[kind] = (this.counts[kind] ?? 0) + 1
        if ('acked' in said) {
            this.acked[id] = Math.max(this.acked[id] ?? 0, said.acked)
        } else if ('mark' in said) {
            this.#mark(id, said.mark, said.hash)
        } else if ('governed' in said) {
            this.#govern(id, said.governed, said.majority.join(' '))
        } else if ('entered' in said) {
            this.#incarnations.set(id, said.entered)
        } else if ('back' in said) {
            this.#embody(id, said.back)
        } else if ('level' in said) {
            this.#embody(id, said.immigrated)
            this.#level(id, said.level, due)
        } else if ('fault' in said) {
            this.faults.push(`${id}: ${said.fault}`)
        } else if ('ended' in said) {
            this.faults.push(`${id} ended: ${said.ended}, ${said.message}`)
        }
    }

    /** What has been acknowledged by now. */
    due(): Readonly<Record<string, number>> {
        return { ...this.acked }
    }

    #mark(by: string, count: number, hash: string): void {
        const known = this.#marks.get(count)
        if (known === undefined) {
            this.#marks.set(count, { hash, by })
        } else if (known.hash !== hash) {
            this.faults.push(`${by} and ${known.by} differ in their first ${count} values`)
        }
    }

    #govern(by: string, promise: string, majority: string): void {
        const known = this.#governments.get(promise)
        if (known !== undefined && known !== majority) {
            this.faults.push(`${by} says ${promise} is ${majority}, and not ${known}`)
        }
        this.#governments.set(promise, majority)
    }

    #embody(id: string, immigrated: string | null): void {
        const known = this.#incarnations.get(id)
        if (known !== undefined && immigrated !== known) {
            this.faults.push(`${id} was ${known}, and came back as ${immigrated ?? 'a newcomer'}`)
        }
    }

    #level(id: string, { count, hash, lasts }: Tally, due: Readonly<Record<string, number>>): void {
        this.#mark(id, count, hash)
        for (const [by, last] of Object.entries(due)) {
            const found = lasts[by] ?? 0
            if (found < last) {
                this.faults.push(`${id} has lost ${by}'s ${found + 1} to ${last}, acknowledged`)
            }
        }
    }
}
