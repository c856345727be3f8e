import assert from 'node:assert/strict'
import type { KibitzErrorCode } from '../../src/index.js'
import { HIGHEST_VERSION } from '../../src/paxos/membership/versions.js'
import type { ReplayerOptions } from '../../src/replay/options.js'
import { Replayer } from '../../src/replay/replayer.js'
import type { ReplayedState } from '../../src/replay/replayed-member.js'
import { Island } from '../support/island.js'
import { isRefusal } from '../support/refusal.js'
import { publishAll } from '../support/runs.js'
import { type Testimony, Witness } from './witness.js'

/** The replayer of a testimony. */
export function replayerOf(
    { start, played }: Testimony, options: ReplayerOptions = {}
): Promise<Replayer> {
    const state = start === null ? {} : { state: JSON.parse(start) as ReplayedState }
    return Replayer.from({ recording: played, ...state }, options)
}

/** The testimonies about a run. */
export function watch(run: () => void): readonly Testimony[] {
    using witness = new Witness()
    run()
    return witness.testimonies
}

/** The testimonies about a run of an island, whose members know versions up to the highest. */
export function island(
    run: (island: Island) => void, highestVersion: number = HIGHEST_VERSION
): readonly Testimony[] {
    return watch(() => {
        using land = new Island({ highestVersion })
        run(land)
    })
}

/** Checks that a call rejects with a KibitzError of this code and text. */
export async function rejects(
    call: Promise<unknown>, code: KibitzErrorCode, says: RegExp
): Promise<void> {
    await assert.rejects(call, (error) => isRefusal(code)(error) && says.test(String(error)))
}

/** The inputs of a member of a republic of three that has published something. */
export function threeMembers(): Testimony {
    const [, second] = island((land) => {
        land.settle('a', 'b', 'c')
        publishAll(land, 60)
        land.level()
        land.crash('a')
        publishAll(land, 60)
        land.level()
    })
    assert.ok(second !== undefined)
    return second
}
