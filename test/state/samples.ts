import type { Played } from '../../src/index.js'
import { clone } from '../exploration/walk.js'
import { type Core, Twin } from '../support/twin.js'
import { stops } from './kinds.js'
import { chance, type Tape } from './tapes.js'

/** An engine and an Islander at one instant, and their written state. */
export interface Sample {
    readonly where: string
    readonly graph: Pick<Twin, 'paxos' | 'islander'>
    readonly written: string
}

/** The number of samples of a tape. */
const SAMPLES = 3

function take({ paxos, islander, written }: Twin, where: string): Sample {
    return { where, graph: clone({ paxos, islander }), written }
}

/** The sample at the end of a tape. */
export function sampleEnd(core: Core, { name, id, options, played }: Tape): Sample {
    const twin = Twin.fresh(id, options, core)
    for (const input of played) {
        twin.play(input)
    }
    return take(twin, `${name}, at its end`)
}

/** Samples of one tape in a core with visible fields, some of them just after a restart. */
export function sample(core: Core, { name, id, options, played }: Tape, seed: number): Sample[] {
    const random = chance(seed + 1)
    const isWorth = stops(random, played.length, SAMPLES)
    const twin = Twin.fresh(id, options, core)
    const samples = [take(twin, `${name}, at its beginning`)]
    for (const [index, input] of played.entries()) {
        twin.play(input)
        if (isWorth(index, twin.paxos)) {
            samples.push(take(twin, `${name}, after input ${index}`))
            const back = Twin.restore(twin.written, core)
            const when = input.when + random(5000)
            back.play({ module: 'kibitz', method: 'revive', when, body: {} } satisfies Played)
            samples.push(take(back, `${name}, back after input ${index}`))
        }
    }
    return samples
}
