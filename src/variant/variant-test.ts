import { KibitzError } from '../base/errors.js'
import type { VariantOutcome } from './variant-outcome.js'
import type { Variant, VariantChange } from './variant.js'

/** The largest size of a test, in characters. */
const SIZE_MAX = 128 * 1024 * 1024

/** JSON in ASCII: a recording is foreign data, and the text becomes part of a program. */
function literal(value: unknown, indent: number = 0): string {
    return JSON.stringify(value, null, indent).replace(/[^\n\x20-\x7e]/g, (character) =>
        `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** A change in words. */
export function changeInWords(change: VariantChange, { member, number }: Variant['point']): string {
    const input = `input ${number} of ${literal(member)}`
    switch (change.kind) {
        case 'drop':
            return `${input} is dropped`
        case 'delay':
            return `${input} comes ${change.ms} ms later`
        case 'double':
            return `${input} comes twice`
        case 'reorder':
            return `${input} comes after the next input`
        case 'cut':
            return `before ${input}, the link between ${change.members.map((id) => literal(id))
                .join(' and ')} is cut for ${change.ms} ms`
        case 'crash':
            return `before ${input}, ${literal(change.member)} crashes and is away for ${
                change.ms} ms`
        default:
            return `from ${input} on, nothing is changed`
    }
}

function expected(name: keyof VariantOutcome, value: unknown): string {
    return `    assert.deepEqual(changed.${name}, ${
        literal(value, 4).replaceAll('\n', '\n    ')})\n`
}

/**
 * A test file that runs a variant again, and expects the same governments, gaps and publishes. The
 * file needs Node and kibitz alone. The file holds the states of the members, with all values.
 *
 * @throws KibitzError `too-large`.
 */
export function variantTest(variant: Variant, outcome: VariantOutcome): string {
    const data = literal(JSON.stringify(variant))
    if (data.length > SIZE_MAX) {
        throw new KibitzError('too-large', `The test would have more than ${SIZE_MAX} characters. `
            + 'Nothing was written; choose an earlier point.')
    }
    const what = changeInWords(variant.change, variant.point)
    const publishes = outcome.publishes.map(({ member, ticket, promise }) =>
        ({ member, ticket, promise }))
    return `// A variant of a recorded history, saved by kibitz: ${what}.
// node --test runs the variant again. The recorded states and inputs are at the end of the file.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runVariant } from 'kibitz/replay'

test(${literal(what)}, async () => {
    const { changed } = await runVariant(variant())
${expected('governments', outcome.governments)}${expected('gaps', outcome.gaps)}\
    const publishes = changed.publishes.map(({ member, ticket, promise }) =>
        ({ member, ticket, promise }))
    assert.deepEqual(publishes, ${literal(publishes, 4).replaceAll('\n', '\n    ')})
})

function variant() {
    return JSON.parse(${data})
}
`
}
