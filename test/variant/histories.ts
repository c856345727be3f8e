import assert from 'node:assert/strict'
import { JoinedHistory } from '../../src/replay/joined-history.js'
import type { Played } from '../../src/index.js'
import { runVariant, type VariantResult } from '../../src/variant/run-variant.js'
import { variantOf, type VariantOptions } from '../../src/variant/variant-of.js'
import type { Variant } from '../../src/variant/variant.js'
import { replayerOf } from '../replay/testimonies.js'
import type { Testimony } from '../replay/witness.js'

/** The joined history of testimonies. */
export async function historyOf(testimonies: readonly Testimony[]): Promise<JoinedHistory> {
    return await JoinedHistory.of(await Promise.all(testimonies.map((each) => replayerOf(each))))
}

/** An input of a testimony. */
export function inputAt({ played }: Testimony, number: number): Played {
    return JSON.parse(played[number - 1] ?? '') as Played
}

/** The testimony of a member. */
export function testimonyOf(testimonies: readonly Testimony[], id: string): Testimony {
    const found = testimonies.find((testimony) => testimony.id === id)
    assert.ok(found !== undefined, `${id} has no testimony`)
    return found
}

/** The number of the first input of a member that satisfies a condition. */
export function numberOf(
    testimonies: readonly Testimony[], id: string, isWanted: (played: Played) => boolean
): number {
    const testimony = testimonyOf(testimonies, id)
    const index = testimony.played.findIndex((_, at) => isWanted(inputAt(testimony, at + 1)))
    assert.notEqual(index, -1, `${id} has no such input`)
    return index + 1
}

/** Whether an input is the publish of one value. */
export function isPublish({ method }: Played): boolean {
    return method === 'publish'
}

/** A variant and its result. */
export interface Tried extends VariantResult {
    readonly variant: Variant
}

/** Runs a variant of a history, 3 seconds from the point on. */
export async function tryVariant(history: JoinedHistory, options: VariantOptions): Promise<Tried> {
    const variant = await variantOf(history, { durationMs: 3000, ...options })
    return { variant, ...await runVariant(variant) }
}

/** The promise of the entry of a publish in an outcome. */
export function promiseOf(
    { publishes }: VariantResult['changed'], id: string, ticket: number
): string | null {
    const publish = publishes.find((each) => each.member === id && each.ticket === ticket)
    assert.ok(publish !== undefined, `${id} has no publish ${ticket}`)
    return publish.promise
}
