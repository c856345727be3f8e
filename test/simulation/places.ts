import { compiledTexts, functionsOf } from '../support/compiled.js'
import { KEEPERS } from './keepers.js'
import type { Failure } from './outcome.js'

/** How many places a report names. */
const PLACES_MAX = 4

/**
 * Where functions stand: the name, and the file of the source. A function without a place is
 * named alone.
 */
export function placesOf(names: readonly string[]): readonly string[] {
    const texts = [...compiledTexts()]
    return names.slice(0, PLACES_MAX).map((name) => {
        const last = name.slice(name.lastIndexOf('.') + 1)
        const files = texts
            .filter(([file, text]) => text.includes(last) &&
                functionsOf(file, text).some((each) => each.name === name))
            .map(([file]) => `src/${file.replace(/\.js$/, '.ts')}`)
        return [name, ...files].join(' ')
    })
}

/** Where the functions stand that the checker of a failure blames, or else the property. */
export function placesFor({ property, blamed }: Failure): readonly string[] {
    return placesOf(blamed.length === 0 ? KEEPERS[property] : blamed)
}
