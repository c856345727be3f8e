import assert from 'node:assert/strict'
import type { Played } from '../../src/index.js'
import { freeze } from '../../src/base/freeze.js'
import { Twin } from '../support/twin.js'
import type { Tape } from './tapes.js'

/**
 * The inputs of a leader whose disk answers, up to each answer and up to the input before: a
 * republic with one seat, a newcomer, and publishes.
 */
export function diskTapes(): readonly Tape[] {
    const twin = Twin.fresh('a', {})
    const played: Played[] = []
    const ends: number[] = []
    const play = (method: Played['method'], body: unknown): void => {
        const input = freeze({ module: 'kibitz', method, when: played.length, body }) as Played
        twin.play(input)
        played.push(input)
    }
    const answer = (): void => {
        const { awaited } = twin.paxos.disk
        assert(awaited !== null, 'the leader waits for its disk')
        ends.push(played.length, played.length + 1)
        play('stable', awaited)
    }
    play('revive', { disk: true })
    play('bootstrap', { republic: 'r', properties: {}, founding: 'f', version: 2 })
    answer()
    play('immigrate', { republic: 'r', id: 'b', cookie: 'c', properties: {}, hops: 0,
        versions: [1, 2] })
    answer()
    for (const number of [1, 2]) {
        play('enqueue', { republic: 'r', entries: [{ id: 'a', cookie: `1/${number}`, body: 1 }] })
        answer()
    }
    return ends.map((end) => ({
        name: `the disk of a leader, ${end} inputs`, id: 'a', options: {},
        played: played.slice(0, end)
    }))
}
