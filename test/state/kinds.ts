import type { IslanderState, Paxos, PaxosState } from '../../src/index.js'
import { inside } from '../simulation/inside.js'
import type { Written } from '../support/twin.js'

/** The position of the last held entry. */
function head({ first, entries }: PaxosState['log']): number {
    const counts = entries.map((entry) => ('bodies' in entry ? entry.bodies.length : 1))
    return first - 1 + counts.reduce((sum, count) => sum + count, 0)
}

/** The kinds of state of a member, as tests of the written state. */
const KINDS: Readonly<Record<string, (paxos: PaxosState, islander: IslanderState) => boolean>> = {
    'has not joined': ({ citizenship }) => citizenship.cookie === null,
    'is not admitted yet': ({ citizenship: { cookie, immigrated } }) =>
        cookie !== null && immigrated === '0/0',
    'leads, and proposals wait': ({ writer }) => writer !== null && writer.queue.length !== 0,
    'leads, and others arrive': ({ arriving }) => arriving.length !== 0,
    'leads, and others want to come back': ({ returning }) => returning.length !== 0,
    'is elected and has yet to establish itself': ({ writer }) => writer?.establishing === true,
    'is elected and inherits a government': ({ writer }) => writer?.inherits === true,
    'canvasses': ({ proposer }) => proposer !== null && proposer.ballot === null,
    'prepares': ({ proposer }) => proposer !== null && proposer.promises.length !== 0,
    'follows': ({ writer, proposer, ledAt }) =>
        writer === null && proposer === null && ledAt !== null,
    'has accepted what is not committed': ({ log }) => log.committed < head(log),
    'has forgotten the beginning of its log': ({ log }) => log.first !== 0,
    'has forgotten, and has accepted': ({ log }) => log.first !== 0 && log.committed < head(log),
    'awaits answers': ({ post }) => post.calls.length !== 0,
    'has heard of somebody who is silent': ({ hearsay }) => hearsay.length !== 0,
    'has asked to leave': ({ office }) => office.leaves,
    'has heard of others that leave': ({ leaving, office }) =>
        !office.leaves && leaving.length !== 0,
    'leaves, and has tried to hand over': ({ office }) => office.tries !== 0,
    'hands over': ({ office }) => office.handover?.isClosing === false,
    'hands over, and is closed': ({ office }) => office.handover?.isClosing === true,
    'has handed over': ({ office }) => office.heir !== null,
    'is handed over to': ({ proposer }) => proposer !== null && proposer.ceded !== null,
    'has accepted an open government': ({ tenure }) => tenure.opened !== null,
    'has drafted a government': ({ tenure }) => tenure.draft !== null,
    'tells a member of its exile': ({ farewells }) => farewells.length !== 0,
    'is exiled': ({ citizenship }) => citizenship.exiled,
    'publishes': (_, { seeking }) => seeking.length !== 0,
    'waits to publish more': (_, { pending }) => pending.length !== 0,
    'awaits receipts': (_, { awaited }) => awaited !== null,
    'flushes': (_, { flush }) => flush !== null,
    'has given up in between': (_, { failures }) => failures > 1
}

/** The names of all kinds. */
export const ALL_KINDS: readonly string[] = Object.keys(KINDS)

/** The kinds that apply to a written state. */
export function kindsOf(text: string): readonly string[] {
    const { paxos, islander } = JSON.parse(text) as Written
    return ALL_KINDS.filter((kind) => KINDS[kind]?.(paxos, islander))
}

/** Tells which of what is seldom so is so now, so that it is not left to chance to be seen. */
export function seldom(paxos: Paxos): string {
    const { departure, farewells, leaving, log, peers, role, tenure } = inside(paxos)
    const isElected = role.name === 'elected'
    const isCampaigning = role.name === 'campaigning'
    return [
        isElected && role.arriving.size !== 0,
        isElected && role.returning.size !== 0,
        leaving.size !== 0,
        departure.handover?.isClosing,
        departure.tries !== 0,
        tenure.opened !== null,
        farewells.state().length !== 0,
        isCampaigning && role.proposer.ceded !== null,
        isElected && role.writer.inherits,
        isElected && role.writer.waiting !== 0,
        isCampaigning && role.proposer.ballot !== null,
        [...peers.all()].some(({ stranger }) => stranger),
        log.first !== 0 && log.head > log.committed,
        paxos.exiled
    ].join()
}

/** Says for each input whether it is worth to stop behind it: at random, and what is seldom so. */
export function stops(random: (limit: number) => number, inputs: number, count: number):
    (index: number, paxos: Paxos) => boolean {
    const points = new Set(Array.from({ length: count }, () => random(inputs)))
    const seen = new Set<string>()
    return (index, paxos) => {
        const now = seldom(paxos)
        const isNew = !seen.has(now)
        seen.add(now)
        return isNew || points.has(index)
    }
}
