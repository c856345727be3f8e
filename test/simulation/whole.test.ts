import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Request } from '../../src/paxos/messages/messages.js'
import type { Paxos } from '../../src/paxos/paxos.js'
import { Guidance } from './checks/guidance.js'
import { type Healed, type Present, healedBy, whatIsMissing } from './checks/whole.js'
import type { Resident } from './resident.js'
import { Stage } from './stage.js'
import { Violation } from './violation.js'

function member(id: string, what: Partial<Present> = {}): Present {
    return { id, lag: 0, open: 0, isReady: true, isLeaving: false, ...what }
}

/** A republic in which all that are named are naturalized, and all but the absent answer. */
function republic(
    [majority, minority, constituents]: readonly [string, string, string],
    what: Partial<Healed> & { readonly absent?: string } = {}
): Healed {
    const { absent = '', ...rest } = what
    const ids = [...`${majority}${minority}${constituents}`]
    return {
        government: {
            majority: [...majority], minority: [...minority], constituents: [...constituents],
            naturalized: ids
        },
        parliamentSize: 5,
        parliamentFloor: 1,
        present: ids.filter((id) => !absent.includes(id)).map((id) => member(id)),
        isPatienceOver: true,
        ...rest
    }
}

/** The same where a member is otherwise than it should be. */
function but(healed: Healed, id: string, what: Partial<Present>): Healed {
    const present = healed.present.map((one) => one.id === id ? { ...one, ...what } : one)
    return { ...healed, present }
}

describe('the checker of a whole republic (L5) finds nothing', () => {
    const whole: readonly (readonly [string, Healed])[] = [
        ['where all seats are taken', republic(['abc', 'de', 'f'])],
        ['where a single constituent cannot fill two seats', republic(['ab', 'c', 'd'])],
        ['where an even parliamentSize leaves a seat empty',
            republic(['ab', 'c', 'def'], { parliamentSize: 4 })],
        ['where a floor keeps the seat of a dead voter, and no other member may sit',
            republic(['ab', 'c', ''], { parliamentFloor: 3, absent: 'c' })],
        ['where a floor lets a parliament be even for want of a third member',
            republic(['ab', '', ''], { parliamentFloor: 2 })],
        ['where an absent voter is within its patience',
            republic(['ab', 'c', 'd'], { absent: 'c', isPatienceOver: false })],
        ['where an absent voter within its patience keeps newcomers from two free seats',
            republic(['ab', 'c', 'de'], { absent: 'c', isPatienceOver: false })],
        ['where the last voter that answers asks to leave',
            but(republic(['ab', 'c', ''], { absent: 'bc', isPatienceOver: false }),
                'a', { isLeaving: true })],
        ['where an absent voter within its patience keeps a newcomer from the seat of a leaver',
            but(republic(['ab', 'c', 'd'], { absent: 'c', isPatienceOver: false }),
                'b', { isLeaving: true })],
        ['where all ask to leave', but(but(republic(['ab', '', ''], { parliamentFloor: 2 }),
            'a', { isLeaving: true }), 'b', { isLeaving: true })]
    ]
    for (const [what, healed] of whole) {
        it(what, () => assert.equal(whatIsMissing(healed), null))
    }
})

describe('the checker of a whole republic (L5) finds', () => {
    const missing: readonly (readonly [string, Healed, RegExp])[] = [
        ['two free seats that two constituents could take',
            republic(['ab', 'c', 'de']), /^d,e may sit, and 3 of 5 seats/],
        ['a free seat of an even parliament',
            republic(['ab', '', 'c'], { parliamentFloor: 2 }), /^c may sit, and 2 of 5 seats/],
        ['an even parliament above its floor', republic(['ab', '', '']), /is even/],
        ['a dead voter that the parliament can do without',
            republic(['ab', 'c', ''], { absent: 'c' }), /^c do not answer/],
        ['a dead voter at the floor whose seat another member could take',
            republic(['ab', 'c', 'd'], { absent: 'c', parliamentFloor: 3 }), /^c do not answer/],
        ['a member that is not level', but(republic(['ab', 'c', '']), 'b', { lag: 2 }),
            /^b lacks 2 entries/],
        ['an open government', but(republic(['ab', 'c', '']), 'c', { open: 1 }), /^c holds 1 open/],
        ['a member that is ready and not naturalized',
            { ...republic(['a', '', '']), present: [member('a'), member('z')] }, /^z is ready/],
        ['a constituent that has asked to leave',
            but(republic(['ab', 'c', 'd']), 'd', { isLeaving: true }), /^d has asked to leave/],
        ['a voter that has asked to leave and can be spared',
            but(republic(['ab', 'c', '']), 'b', { isLeaving: true }), /^b has asked to leave/],
        ['a voter at the floor that has asked to leave and has a successor',
            but(republic(['ab', 'c', 'd'], { parliamentFloor: 3 }), 'a', { isLeaving: true }),
            /^a has asked to leave/]
    ]
    for (const [what, healed, complaint] of missing) {
        it(what, () => assert.match(whatIsMissing(healed) ?? '', complaint))
    }

    it('the defects of a real republic, and nothing once the republic is whole', () => {
        const stage = new Stage()
        stage.until('the republic is settled', () => stage.isSettled(), 5)
        const complaint = (present: readonly Resident[]): string | null => {
            const healed = healedBy(stage.world, present, true)
            assert.ok(healed !== null)
            return whatIsMissing(healed)
        }
        assert.equal(complaint(stage.world.living), null)
        const others = stage.world.living.filter(({ id }) => id !== stage.voters[4])
        assert.match(complaint(others) ?? '', /do not answer/)
        stage.member(stage.voters[3] ?? '').play('leave', {})
        assert.match(complaint(stage.world.living) ?? '', /lacks|has asked to leave/)
        stage.crash(stage.voters[4] ?? '')
        stage.until('the republic is whole', () => complaint(stage.world.living) === null, 20)
    })
})

describe('the checker of canvasses (L5)', () => {
    const canvass = { method: 'canvass' } as Request
    const to = { id: 'b', immigrated: '2/0' }
    const run = {
        method: 'register', ballot: '4/1/0', standing: 100, government: '3/0', to
    } as Request
    const fed = { ...run, method: 'synchronize' } as Request

    /** A member that is told by the leader at the instant 0, and canvasses later. */
    function canvasses(
        laterMs: number,
        {
            asked = canvass, told = run, isLeading = true, isReplaced = false, isWatching = true,
            isEarlier = false, role = 'citizen'
        } = {}
    ): void {
        const leader = { id: 'a', door: { paxos: { isLeading } } } as Resident
        const timeline = { now: 0 }
        const scene = { timeline, options: { timeout: 1000 }, leader }
        const guidance = new Guidance(scene)
        guidance.isWatching = isWatching
        const core = {
            citizenship: {
                government: { promise: '2/0' },
                reject: ({ to: { immigrated } }: Request) => immigrated === '2/0' ? null : 'no'
            },
            acceptance: { promised: '4/1/0' }, now: 0, role: { name: role }
        }
        const calledAt = isEarlier ? 0 : 1
        const paxos = { core } as unknown as Paxos
        const voter = { id: 'b', door: { paxos }, calledAt } as Resident
        guidance.hear(voter, told)
        timeline.now = laterMs
        scene.leader = isReplaced ? { ...leader } as Resident : leader
        guidance.send(voter, asked)
    }

    function finds(something: () => void): void {
        assert.throws(something, (error) => error instanceof Violation && error.property === 'L5')
    }

    it('finds a member that canvasses although the leader feeds the member', () => {
        finds(() => canvasses(0))
        finds(() => canvasses(898))
        finds(() => canvasses(10, { told: fed }))
        finds(() => canvasses(10, { told: { ...run, government: '2/0' } as Request }))
        finds(() => canvasses(10, { told: { ...fed, government: '2/0' } as Request }))
        finds(() => canvasses(10, { told: fed, role: 'elected' }))
    })

    it('finds nothing if the last run of the leader is too old, or another member leads', () => {
        canvasses(899)
        canvasses(10, { isReplaced: true })
        canvasses(10, { isLeading: false })
        canvasses(10, { told: { ...run, standing: null } as Request })
        canvasses(10, { told: { ...run, government: '1/0' } as Request })
        canvasses(10, { told: { ...run, to: { ...to, immigrated: '1/0' } } as Request })
        canvasses(10, { told: { ...run, method: 'prepare' } as Request })
        canvasses(10, { told: { ...run, ballot: '3/1/0' } as Request })
        canvasses(10, { isEarlier: true })
        canvasses(10, { told: { ...fed, government: '2/0' } as Request, role: 'elected' })
    })

    it('finds nothing in a petition, a hand-over, or before the faults end', () => {
        canvasses(10, { asked: { method: 'petition' } as Request })
        canvasses(10, { asked: { ...canvass, ceded: '1/0' } as Request })
        canvasses(10, { isWatching: false })
    })
})
