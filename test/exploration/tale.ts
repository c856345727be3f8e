import type { Inputs } from '../../src/member/inputs.js'
import type { Response } from '../../src/paxos/messages/messages.js'
import * as words from '../scenario/words.js'
import { IDS } from './founding.js'
import { type Flight, KEYS, type Members } from './society.js'
import { KINDS, MOVE } from './state.js'

function tellFlight({ from, to, call, answer }: Flight): string {
    const way = answer === null
        ? `${IDS[from] ?? 'an ended process'} → ${IDS[to]}`
        : `${IDS[to]} ← ${IDS[from]}`
    if (answer === null) {
        return call.method === 'receive'
            ? `${way} ${words.request(call.body, false)}`
            : `${way} enqueue ${call.body.entries.map(({ body }) => body ?? 'flush').join()}`
    }
    return call.method === 'receive'
        ? `${way} ${words.response(answer.outcome as Response, false)}`
        : `${way} ${words.receipts(answer.outcome as Inputs['published']['promises'])}`
}

/** Says what happens, in the words of the scenarios. */
export function tellMove(society: Members, move: number): string {
    const what = Math.floor(move / KINDS)
    switch (move % KINDS) {
        case MOVE.deliver:
            return `deliver ${tellFlight(society.flightOf(what))}`
        case MOVE.lose:
            return `lose ${tellFlight(society.flightOf(what))}`
        case MOVE.duplicate:
            return `duplicate ${tellFlight(society.flightOf(what))}`
        case MOVE.crash:
            return `crash ${IDS[what]}`
        case MOVE.keep:
            return `${IDS[what % 4]} keeps its appointment ${KEYS[Math.floor(what / 4)]}`
        case MOVE.flush:
            return `the disk of ${IDS[what]} answers`
        case MOVE.restart:
            return `${IDS[what]} restarts`
        case MOVE.leave:
            return `${IDS[what]} asks to leave`
        default:
            return `${IDS[what]} publishes`
    }
}
