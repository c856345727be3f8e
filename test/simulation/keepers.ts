import { compiledTexts, functionsOf } from '../support/compiled.js'
import type { Failure } from './outcome.js'
import type { Property } from './violation.js'

/** The functions of the engine that keep each property, by name. The search begins there. */
export const KEEPERS: Readonly<Record<Property, readonly string[]>> = {
    S1: ['Writer.committable', 'Proposer.adopted', 'withdraw', 'isOutOfPlace'],
    S2: ['Writer.propose', 'Islander.dispatch'],
    S3: ['LogDelivery.enact', 'Log.commitThrough', 'History.isForgettable'],
    S4: ['Writer.enqueue', 'Islander.see', 'SentBatch.isOvertaken'],
    S5: ['Islander.nudge', 'Writer.propose'],
    S6: ['promise', 'nextBallot', 'FlushGate.pass'],
    S7: ['shape', 'succeed', 'Citizenship.mayAdmit'],
    S8: ['Player.replay', 'apply'],
    S9: ['Citizenship.reject'],
    S11: ['scanFolder', 'rejectTornWrite'],
    S12: ['Log.bound', 'Mailbox.expire'],
    L1: ['votersRation', 'learnersRation', 'Islander.retry'],
    L2: ['shape', 'isTenable', 'hear'],
    L3: ['hear', 'learnersRation'],
    L4: ['Player.close', 'Kibitzer.destroy'],
    L5: ['shape', 'appraise', 'unready'],
    L6: ['Relay.through', 'Islander.retry']
}

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
