import type { Core } from '../core.js'
import type { Change } from '../membership/government.js'
import { parliament } from '../membership/government.js'
import { quorum } from '../membership/quorum.js'
import type { Call } from '../messages/mailbox.js'
import type { Answer } from '../messages/messages.js'
import { send } from '../messages/send.js'
import { countAnsweredCall, mayAsk } from '../replication/call-limits.js'
import { silenceOf } from '../replication/silence.js'
import { peersOf, writerOf } from '../standing.js'
import type { Farewell } from './farewells.js'

// Tells exiled members of the exile, by the rules in `farewells.ts`.

/**
 * A line of the table in `enact.ts`. The writer records an exiled voter, to tell the voter later.
 * The exile of a member without a seat changes no parliament, so each feeder that knows the exiled
 * member's position sends the exile at once: the exiled member's representative may be dead. An
 * exiled member that has consented knows the exile already.
 */
export function sayFarewell(core: Core, { body, before }: Change): void {
    const { exile } = body
    const writer = writerOf(core)
    const isToldAlready = writer !== null && exile?.consent === writer.ballot
    if (exile === null || isToldAlready) {
        return
    }
    const { id, promise } = exile
    const { properties } = core.moves.addressOf(promise) ?? exile
    const peer = core.peers.find(promise)
    if (peer?.id !== id) {
        return
    }
    const { promise: government } = core.government
    const isVoter = parliament(before).includes(id)
    if (writer !== null && isVoter) {
        core.farewells.add(peer, properties, government)
    } else if (
        peer.holds >= core.log.first && !isVoter &&
        silenceOf(peer, core.now) < core.settings.ping
    ) {
        sendExile(core, { peer, properties, government, tellings: 0 })
    }
}

/** Tells the exiled voters of the exile, after a majority knows that the exile is committed. */
export function tellExiles(core: Core): void {
    const { farewells, log, now, settings: { ping } } = core
    for (const farewell of farewells.due(now, ping)) {
        const position = log.positionOf(farewell.government)
        if (position === -1) {
            farewells.drop(farewell)
        } else if (isKnownThrough(core, position)) {
            farewells.countTelling(farewell)
            sendExile(core, farewell)
        }
    }
}

/** Whether a majority of the parliament knows that an entry is committed. */
function isKnownThrough(core: Core, position: number): boolean {
    const voters = parliament(core.government)
    const others = peersOf(core, voters).filter((peer) => peer.holds >= position)
    const own = voters.includes(core.id) ? 1 : 0
    return others.length + own >= quorum(voters.length)
}

function sendExile(core: Core, { peer, properties, government }: Farewell): void {
    const { log, settings: { feeding, window } } = core
    if (!mayAsk(peer, window)) {
        return
    }
    // If the exiled member's position is unknown, a request without entries asks for the position.
    const isWithin = peer.holds >= log.first
    const after = isWithin ? peer.holds : log.committed
    const entries = isWithin ? log.run(after, log.positionOf(government), feeding.catchUp) : []
    const previous = log.promiseAt(after)
    const matter = { method: 'synchronize', welcome: null, previous, entries } as const
    send(core, peer, matter, after + entries.length, properties)
}

/** Takes the answer of an exiled member; `null` if the call failed. */
export function onExileAnswer(core: Core, call: Call, answer: Answer | null): void {
    const { farewells, log } = core
    const farewell = farewells.find(call.immigrated)
    if (farewell !== undefined) {
        if (answer === null) {
            farewell.peer.countEnd(call.sentAt)
        } else {
            countAnsweredCall(core.mailbox, farewell.peer, call.sentAt)
        }
        const held = answer === null ? -1 : log.positionOf(answer.committed)
        farewells.takeAnswer(farewell, answer, held, log.positionOf(farewell.government))
    }
}
