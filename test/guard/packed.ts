import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GuardedEnvelope } from '../../src/guard/envelope.js'
import { WIRE_LIMITS } from '../../src/guard/limits.js'

/** A packed group of values. */
interface Packed {
    readonly id: string
    readonly cookie: string
    readonly immigrated: string
    readonly bodies: readonly unknown[]
}

/** The name of a defect, the change that causes the defect, and the expected rejection. */
export type Spoilt<Whole> = readonly [string, Partial<Record<keyof Whole, unknown>>, string]

function common(most: number): readonly Spoilt<Packed>[] {
    return [
        ['with a bad id', { id: '__proto__' }, 'bad-id body.entries[0].id'],
        ['with a padded cookie', { cookie: '01' }, 'bad-number body.entries[0].cookie'],
        ['with a bad incarnation', { immigrated: '2' }, 'bad-number body.entries[0].immigrated'],
        ['without a list of bodies', { bodies: 'two' }, 'wrong-type body.entries[0].bodies'],
        ['with too large a body', { bodies: ['x'.repeat(WIRE_LIMITS.bodyBytesMax + 1)] },
            'too-large body.entries[0].bodies[0]'],
        ['with too many bodies', { bodies: Array(most + 1).fill(0) },
            'too-many body.entries[0].bodies']
    ]
}

/** Tests what the guard rejects of something that stands for several, at most so many. */
export function testSpoilt<Whole extends Packed>(
    whole: Whole,
    most: number,
    own: readonly Spoilt<Whole>[],
    guarded: (entries: unknown) => GuardedEnvelope
): void {
    for (const [name, change, says] of [...common(most), ...own]) {
        test(`${name} is rejected`, () => {
            assert.ok(guarded([whole]).ok)
            const result = guarded([{ ...whole, ...change }])
            assert.ok(!result.ok)
            assert.equal(`${result.rejection.code} ${result.rejection.at}`, says)
        })
    }
}
