import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Kibitzer, type Played } from '../../src/index.js'
import { drain } from '../support/alone.js'
import { payload } from './load.js'
import { Republic } from './republic.js'
import '../support/silence.js'

/** What a member took in, in a file of its own: a line of JSON for each input. */
export interface Recorded {
    readonly who: string
    readonly id: string
    readonly file: string
    /** The last promise that the member has registered. */
    readonly head: string
}

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

/** What is recorded. */
interface Taping {
    readonly publishes: number
    readonly size: number
    readonly folder: string
    /** Whether each publish is an input of its own, or those that are made together are one. */
    readonly isEachAlone: boolean
}

/** How many publishes are made before the first of them is awaited. */
const TOGETHER = 512

/** How many inputs are parsed before they are applied: who replays a file reads it bit by bit. */
const STRIDE = 1024

async function publishAlone(kibitzer: Kibitzer, publishes: number, size: number): Promise<void> {
    for (let published = 0; published < publishes;) {
        const waiting: Promise<unknown>[] = []
        while (waiting.length < TOGETHER && published < publishes) {
            waiting.push(kibitzer.publish(payload(published++, size)))
        }
        await Promise.all(waiting)
        // What is published in the turn in which others are settled would become one input.
        await new Promise((resolve) => { setImmediate(resolve) })
    }
}

/** Records what a leader and a follower take in while callers press the leader. */
export async function record({
    publishes, size, folder, isEachAlone
}: Taping): Promise<readonly Recorded[]> {
    const tapes: { readonly kibitzer: Kibitzer; readonly take: () => readonly Played[] }[] = []
    using republic = await Republic.settle(3, 'json', {}, ({ members }) => {
        for (const kibitzer of members) {
            const shifter = kibitzer.played.shifter()
            tapes.push({ kibitzer, take: () => drain(shifter) })
        }
    })
    await (isEachAlone
        ? publishAlone(republic.member(0), publishes, size)
        : republic.press(0, size, { callers: TOGETHER, calls: publishes }))
    await republic.level()
    return tapes.slice(0, 2).map(({ kibitzer, take }, index) => {
        const who = index === 0 ? 'leader' : 'follower'
        const file = join(folder, `${who}-${isEachAlone ? 'alone' : 'together'}`)
        writeFileSync(file, take().map((played) => `${JSON.stringify(played)}\n`).join(''))
        return { who, id: kibitzer.id, file, head: kibitzer.paxos.inspect().head }
    })
}

function publishesOf({ method, body }: Played): number {
    if (method === 'publishAll') {
        return body.length
    }
    return method === 'publish' && body !== null ? 1 : 0
}

/** Replays a recording into a fresh Kibitzer. */
export function replay({ who, id, file, head }: Recorded): Promise<Replayed> {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    const again = new Kibitzer({ id })
    let [publishes, applying, parsing] = [0, 0, 0]
    for (let at = 0; at < lines.length; at += STRIDE) {
        const began = performance.now()
        const tape = lines.slice(at, at + STRIDE).map((line) => JSON.parse(line) as Played)
        const parsed = performance.now()
        for (const played of tape) {
            again.replay(played)
        }
        applying += performance.now() - parsed
        parsing += parsed - began
        publishes = tape.reduce((sum, played) => sum + publishesOf(played), publishes)
    }
    assert.equal(again.paxos.inspect().head, head)
    return Promise.resolve({
        who, inputs: lines.length, publishes,
        applying: applying / 1000, parsing: parsing / 1000
    })
}
