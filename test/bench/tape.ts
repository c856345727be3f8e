import assert from 'node:assert/strict'
import { Kibitzer, type Played } from '../../src/index.js'
import { drain } from '../support/alone.js'
import { Republic } from './republic.js'

/** How fast a recording is applied. */
export interface Replayed {
    readonly who: string
    /** How many inputs the recording holds, and how many values were published in them. */
    readonly inputs: number
    readonly publishes: number
    /** Seconds to apply them, and to parse their JSON. */
    readonly applying: number
    readonly parsing: number
}

interface Recorded {
    readonly kibitzer: Kibitzer
    readonly lines: readonly string[]
}

async function record(publishes: number, size: number): Promise<readonly Recorded[]> {
    const tapes: { readonly kibitzer: Kibitzer; readonly take: () => readonly Played[] }[] = []
    using republic = await Republic.settle(3, 'json', {}, ({ members }) => {
        for (const kibitzer of members) {
            const shifter = kibitzer.played.shifter()
            tapes.push({ kibitzer, take: () => drain(shifter) })
        }
    })
    await republic.press(0, size, { callers: 512, calls: publishes })
    await republic.level()
    return tapes.map(({ kibitzer, take }) => {
        return { kibitzer, lines: take().map((played) => JSON.stringify(played)) }
    })
}

function replay(who: string, { kibitzer, lines }: Recorded): Replayed {
    const began = performance.now()
    const tape = lines.map((line) => JSON.parse(line) as Played)
    const parsed = performance.now()
    const again = new Kibitzer({ id: kibitzer.id })
    for (const played of tape) {
        again.replay(played)
    }
    const applied = performance.now()
    assert.equal(again.paxos.inspect().head, kibitzer.paxos.inspect().head)
    return {
        who,
        inputs: tape.length,
        publishes: tape.filter(({ method, body }) => method === 'publish' && body !== null).length,
        applying: (applied - parsed) / 1000,
        parsing: (parsed - began) / 1000
    }
}

/** Records what a leader and a follower take in while callers press the leader; replays it. */
export async function measureReplay({ publishes, size }: {
    readonly publishes: number
    readonly size: number
}): Promise<readonly Replayed[]> {
    const [leader, follower] = await record(publishes, size)
    return [
        ...(leader === undefined ? [] : [replay('leader', leader)]),
        ...(follower === undefined ? [] : [replay('follower', follower)])
    ]
}
