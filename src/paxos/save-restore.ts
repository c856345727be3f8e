import { freeze } from '../base/freeze.js'
import { STATE_VERSION, assertState } from '../base/state-version.js'
import { type Core, FOLLOWING, type Role } from './core.js'
import { Proposer } from './election/proposer.js'
import { skipEnacted } from './enact.js'
import { Log } from './log/log.js'
import { Minimum } from './log/minimum.js'
import { MemberTime, readInstant, writeInstant } from './member-time.js'
import { Citizenship } from './membership/citizenship.js'
import { Moves } from './membership/moves.js'
import { type PaxosOptions, settingsOf } from './options.js'
import { Freshness } from './replication/freshness.js'
import { Lack } from './replication/lack.js'
import { OwnDisk } from './replication/own-disk.js'
import { Peers } from './replication/peers.js'
import { SilenceReports } from './replication/silence-reports.js'
import { Tenure } from './replication/tenure.js'
import { Writer } from './replication/writer.js'
import { SeededRandom } from './seeded-random.js'
import { proposerOf, writerOf } from './standing.js'
import type { PaxosState } from './state.js'

// Writes and restores the record of an engine. If a restored engine and the original engine get the
// same inputs, the outputs are equal, byte for byte.

/** The options in force. */
export function optionsOf({ settings }: Core): Required<PaxosOptions> {
    const { ping, timeout, patience, parliamentSize, parliamentFloor } = settings
    const { window, batch, proposals, history, citizens, highestVersion } = settings
    const seats = { parliamentSize, parliamentFloor }
    const limits = { window, batch, proposals, history, citizens }
    return { ping, timeout, patience, ...seats, ...limits, highestVersion }
}

/**
 * The written form of the record, between two inputs. The contents of the output queues,
 * `mailbox.outbox` and `delivery`, are left out: the driver of the engine has taken the contents.
 */
export function stateOf(core: Core): PaxosState {
    const { role } = core
    const freshness = core.freshness.state()
    const moves = core.moves.state()
    const lack = core.lack.state()
    const disk = core.ownDisk.state()
    return {
        version: STATE_VERSION,
        options: optionsOf(core),
        time: core.time.state(),
        calendar: core.agenda.calendar().map(({ when, key, body }) => ({ when, key, body })),
        citizenship: core.citizenship.state(),
        log: core.log.state(),
        acceptance: { ...core.acceptance },
        highest: core.highestBallot,
        ready: core.isReady,
        reshape: core.isReshapeDue,
        ledBy: core.ledBy,
        ledAt: writeInstant(core.ledAt),
        revivedAt: writeInstant(core.revivedAt),
        naturalizing: [...core.naturalizing],
        leaving: [...core.leaving],
        office: core.departure.state(),
        tenure: core.tenure.state(),
        farewells: core.farewells.state(),
        ...(moves && { moves }),
        arriving: role.name === 'elected' ? [...role.arriving.values()] : [],
        returning: role.name === 'elected' ? [...role.returning] : [],
        peers: core.peers.state(),
        hearsay: core.silenceReports.state(),
        minimum: core.minimum.state(),
        post: core.mailbox.state(),
        random: core.random.state(),
        writer: writerOf(core)?.state() ?? null,
        proposer: proposerOf(core)?.state() ?? null,
        petitions: core.petitions,
        ...(freshness !== null && { freshness }),
        ...(lack !== null && { lack }),
        ...(disk !== null && { disk })
    }
}

/**
 * Restores a written form into the record of a new engine.
 *
 * @param options Options that replace the written options.
 */
export function restore(core: Core, state: PaxosState, options: PaxosOptions): void {
    assertState(state, stateOf(core))
    core.settings = settingsOf({ ...state.options, ...options })
    core.time = MemberTime.restore(state.time)
    core.citizenship = Citizenship.restore(state.citizenship)
    core.log = Log.restore(state.log)
    skipEnacted(core)
    core.peers = Peers.restore(state.peers)
    core.freshness = Freshness.restore(state.freshness ?? null)
    core.lack = Lack.restore(state.lack ?? null)
    core.ownDisk = OwnDisk.restore(state.disk ?? null)
    core.silenceReports = SilenceReports.restore(state.hearsay)
    core.minimum = Minimum.restore(state.minimum)
    core.tenure = Tenure.restore(state.tenure)
    core.farewells.recall(state.farewells)
    core.moves = state.moves === undefined ? new Moves() : Moves.restore(freeze(state.moves))
    core.mailbox.recall(state.post)
    core.random = SeededRandom.restore(state.random)
    core.role = restoreRole(state)
    Object.assign(core.acceptance, state.acceptance)
    core.highestBallot = state.highest
    core.isReady = state.ready
    core.isReshapeDue = state.reshape
    core.ledBy = state.ledBy
    core.ledAt = readInstant(state.ledAt)
    core.revivedAt = readInstant(state.revivedAt)
    core.petitions = state.petitions
    core.departure.recall(state.office)
    for (const immigrated of state.naturalizing) {
        core.naturalizing.add(immigrated)
    }
    for (const immigrated of state.leaving) {
        core.leaving.add(immigrated)
    }
    for (const { when, key, body } of state.calendar) {
        core.agenda.schedule(when, key, body)
    }
}

function restoreRole({ writer, proposer, arriving, returning }: PaxosState): Role {
    if (writer !== null) {
        return {
            name: 'elected',
            writer: Writer.restore(writer),
            arriving: new Map(arriving.map((immigration) => [immigration.id, freeze(immigration)])),
            returning: new Set(returning)
        }
    }
    return proposer === null
        ? FOLLOWING
        : { name: 'campaigning', proposer: Proposer.restore(proposer) }
}
