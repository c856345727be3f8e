import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { faultsOf, resourceFaults } from './checks.js'
import { DailyMembers } from './members.js'
import { IDS, type LifeEvent } from './words.js'
import '../../support/silence.js'

/** The rounds of faults after the first ones; `npm run daily` asks for 100. */
const ROUNDS = Number(process.env['KIBITZ_DAILY_ROUNDS'] ?? 0)

type Holding = Extract<LifeEvent, { kind: 'holds' }>
type Writing = Extract<LifeEvent, { kind: 'writes' }>

/** Resolves when each recipe works again, at each of the members. */
async function untilServed(members: DailyMembers, ids: readonly string[]): Promise<void> {
    const from = members.events.length
    for (const id of ids) {
        for (const of of ['add', 'next', 'block', 'take', 'swap', 'enqueue']) {
            await members.next(`${id} has an answer of ${of}`, (event): event is LifeEvent =>
                event.kind === 'answers' && event.of === of && event.member === id, from)
        }
    }
    for (const what of ['money', 'pool', 'office']) {
        await members.next(`${what} has a holder`, (event): event is LifeEvent =>
            event.kind === 'holds' && event.what === what && ids.includes(event.member), from)
    }
    await members.next('a job is done', (event): event is LifeEvent => event.kind === 'does', from)
}

/** A member that holds a lock, or the leadership, at this moment. */
async function holder(members: DailyMembers, what: string = 'money'): Promise<Holding> {
    return await members.next(`a member holds ${what}`, (event): event is Holding =>
        event.kind === 'holds' && event.what === what, members.events.length)
}

/** The faults of daily life. After each of them the republic serves, and is whole again. */
const FAULTS: Readonly<Record<string, (members: DailyMembers) => Promise<void>>> = {
    'SIGKILL of the holder': async (members) => {
        const { member } = await holder(members)
        await members.end(member, 'SIGKILL')
        await untilServed(members, IDS.filter((id) => id !== member))
        members.start(member)
    },
    'SIGSTOP of the holder': async (members) => {
        for (;;) {
            const { member, use } = await holder(members)
            members.pause(member)
            const from = members.events.length
            await members.next('another member writes', (event): event is Writing =>
                event.kind === 'writes' && event.what === 'money' && event.member !== member, from)
            members.continue(member)
            const { isAccepted } = await members.until(`the late write of ${use}`, () =>
                members.events.findLast((event): event is Writing => event.kind === 'writes'
                    && event.use === use && members.events.some((other) =>
                        other.kind === 'ends' && other.use === use)))
            if (!isAccepted) {
                return
            }
            // The use has ended before the signal reached the process: another holder is due.
        }
    },
    'SIGSTOP of the leader': async (members) => {
        const leader = await members.until('a member leads', () => members.leader())
        members.pause(leader)
        await untilServed(members, IDS.filter((id) => id !== leader))
        members.continue(leader)
    },
    'SIGSTOP right before a look at the leadership': async (members) => {
        for (;;) {
            const { member, use } = await holder(members, 'office')
            const from = members.events.length
            members.order(member, 'stop')
            const { kind } = await members.next(`${use} stops`, (event): event is LifeEvent =>
                (event.kind === 'stops' || event.kind === 'ends') && event.use === use, from)
            if (kind === 'stops') {
                await untilServed(members, IDS.filter((id) => id !== member))
                members.continue(member)
                return
            }
            // The leadership has gone to another member before the stop.
        }
    },
    'a planned stop of the leader': async (members) => {
        const leader = await members.until('a member leads', () => members.leader())
        assert.equal(await members.end(leader, 'SIGTERM'), 0)
        await untilServed(members, IDS.filter((id) => id !== leader))
        members.start(leader)
    },
    'a rolling restart': async (members) => {
        for (const id of IDS) {
            assert.equal(await members.end(id, 'SIGTERM'), 0)
            members.start(id)
            await members.untilWhole()
        }
    },
    'SIGKILL of all': async (members) => {
        await Promise.all(IDS.map((id) => members.end(id, 'SIGKILL')))
        for (const id of IDS) {
            members.start(id)
        }
    }
}

/** Ends the work, and resolves when each member has reported the state at its end. */
async function rest(members: DailyMembers): Promise<void> {
    for (const [order, kind] of [['rest', 'rests'], ['state', 'state']] as const) {
        for (const id of IDS) {
            members.order(id, order)
        }
        for (const id of IDS) {
            await members.next(`${id} ${kind}`, (event): event is LifeEvent =>
                event.kind === kind && event.member === id, 0)
        }
    }
    for (const id of IDS) {
        assert.equal(await members.end(id, 'SIGTERM'), 0)
    }
}

describe('the daily life of the recipes', { timeout: 36_000_000 }, () => {
    test('keeps each promise through kills, pauses and restarts', async (context) => {
        await using members = await DailyMembers.open()
        await members.untilWhole()
        await untilServed(members, IDS)
        const names = Object.keys(FAULTS)
        for (let round = 0; round < ROUNDS; round++) {
            names.push(names[Math.floor(Math.random() * Object.keys(FAULTS).length)] ?? '')
        }
        for (const name of names) {
            const beganAt = performance.now()
            await FAULTS[name]?.(members)
            await members.untilWhole()
            await untilServed(members, IDS)
            context.diagnostic(`${name}: ${Math.round(performance.now() - beganAt)} ms`)
        }
        await rest(members)
        assert.deepEqual(faultsOf(members.events), [])
        assert.deepEqual(resourceFaults(members.resource.accepted), [])
        assert.ok(members.resource.refused.some(({ what }) => what === 'money'))
    })
})
