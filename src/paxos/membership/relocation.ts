import { isEqualJson } from '../../base/json-equal.js'
import { freeze } from '../../base/freeze.js'
import { own } from '../../base/own-property.js'
import type { Core } from '../core.js'
import { petition } from '../election/petition.js'
import type { Properties } from '../messages/messages.js'
import { rivals } from '../standing.js'
import { fits, knowsMoves } from './move-reports.js'

/**
 * The outcome of asking for other properties. `moving`: the log will hold the properties ·
 * `unchanged`: the member has these properties already · `too-large`: the properties of all
 * citizens together would exceed their limit · `unsupported`: the version of the republic knows no
 * moves · `stranger`, `exiled`: the member is no citizen.
 */
export type MoveOutcome =
    'moving' | 'unchanged' | 'too-large' | 'unsupported' | 'stranger' | 'exiled'

/** The outcome of asking for other properties of the member now. Changes nothing. */
export function mayMove(core: Core, given: Properties): MoveOutcome {
    const { citizenship: { exiled, isCitizen }, government, id, moves } = core
    if (exiled || !isCitizen) {
        return exiled ? 'exiled' : 'stranger'
    }
    const known = moves.own ?? { properties: own(government.properties, id) }
    if (isEqualJson(known.properties, given)) {
        return 'unchanged'
    }
    if (!knowsMoves(core)) {
        return 'unsupported'
    }
    return fits(core, id, given) ? 'moving' : 'too-large'
}

/** Asks for other properties of the member, for example another address. */
export function askToMove(core: Core, given: Properties): MoveOutcome {
    const { citizenship, moves } = core
    const { immigrated } = citizenship
    const outcome = mayMove(core, given)
    if (outcome !== 'moving') {
        return outcome
    }
    const logged = citizenship.recordOf(immigrated)?.moved ?? 0
    const number = Math.max(logged, moves.own?.number ?? 0) + 1
    moves.own = { number, properties: freeze(given), isReached: false }
    core.isReshapeDue = true
    if (core.role.name === 'following') {
        // The requests of a writer and of a candidate report the move anyway.
        for (const peer of rivals(core)) {
            petition(core, peer)
        }
    }
    return 'moving'
}

/**
 * Takes an address at which the application has found a peer. Without a citizen of the id, nothing
 * changes. A wrong address does no harm: a request names the incarnation of its addressee.
 */
export function locatePeer(core: Core, id: string, properties: Properties): void {
    const { citizenship, moves, now } = core
    const incarnation = citizenship.incarnationOf(id)
    const isPeer = incarnation !== null && id !== core.id && !citizenship.exiled
    if (isPeer && knowsMoves(core)) {
        moves.locate(incarnation.immigrated, { properties: freeze(properties), at: now })
    }
}
