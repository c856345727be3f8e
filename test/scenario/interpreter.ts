import assert from 'node:assert/strict'
import type { PaxosOptions } from '../../src/paxos/options.js'
import { type Step, type Words, wordsOf } from './script.js'
import { type Flight, World } from './world.js'
import { seats } from './words.js'

type Command = (world: World, words: Words) => void

/**
 * Runs the commands in order; the outputs replace the expected outputs.
 *
 * @param isRestored Whether every member is restored from its state after each input.
 */
export function interpret(steps: readonly Step[], isRestored: boolean = false): readonly Step[] {
    let world: World | null = null
    return steps.map((step) => {
        const line = step.command.split(' ')
        world ??= new World(optionsOf(wordsOf(line)), isRestored)
        perform(world, line)
        return { ...step, expected: world.takeTold() }
    })
}

function perform(world: World, [name, ...rest]: readonly string[]): void {
    const command = COMMANDS.get(name ?? '')
    assert(command !== undefined, `there is no command ${name}`)
    command(world, wordsOf(rest))
}

/** The options of the engines in the line that starts the engines. */
const OPTIONS = {
    parliament: 'parliamentSize', floor: 'parliamentFloor', ping: 'ping', timeout: 'timeout',
    patience: 'patience', window: 'window', batch: 'batch', proposals: 'proposals'
} as const satisfies Record<string, keyof PaxosOptions>

function optionsOf({ named }: Words): PaxosOptions {
    return Object.fromEntries(Object.entries(OPTIONS).flatMap(([name, option]) => {
        const value = named[name]
        return value === undefined ? [] : [[option, Number(value)]]
    }))
}

function hush(world: World, act: () => void): void {
    world.isLoud = false
    act()
    world.isLoud = true
}

/** The time in which a small republic comes to rest after each arrival. */
const REST_MS = 2000

// republic 3 parliament=5 floor=2
// Founds a republic of so many naturalized members, and prints its status once it is at rest.
const republic: Command = (world, { plain: [count] }) => {
    hush(world, () => {
        const founder = world.start('0')
        world.act(founder, ({ paxos }) => paxos.bootstrap(world.now, 'at 0', 'founding'))
        for (let id = 1; id < Number(count); id++) {
            admit(world, String(id), '0', true)
            world.wind(REST_MS, () => world.settle())
        }
    })
    world.takeTold()
    status(world, { plain: [], named: {} })
}

function admit(world: World, id: string, through: string, naturalized: boolean): void {
    const before = world.members.get(id)
    const isWaiting = before?.isAlive === true && before.paxos.immigrated === '0/0'
    const resident = isWaiting ? before : world.start(id)
    // A later process of one id has another cookie.
    const cookie = resident.paxos.cookie ?? world.now
    resident.paxos.join('republic', cookie)
    const { enqueued, leader } = world.act(world.of(through), ({ paxos }) =>
        paxos.immigrate(world.now, 'republic', { id, cookie, properties: `at ${id}`, naturalized }))
    if (!enqueued) {
        const where = leader === through ? 'not yet' : `ask ${leader}`
        world.tell(`${through} refuses ${id}: ${where}`)
    }
}

// immigrate 3 through=0 naturalized
// Starts a process of that id and asks for its admission; a waiting process asks again.
const immigrate: Command = (world, { plain: [id, how], named: { through } }) => {
    admit(world, id ?? '', through ?? '', how === 'naturalized')
}

// naturalize 3
// The member asks to be naturalized.
const naturalize: Command = (world, { plain: [id] }) => {
    world.act(world.of(id ?? ''), ({ paxos }) => paxos.naturalize())
}

// leave 3
// The member asks to be exiled.
const leave: Command = (world, { plain: [id] }) => {
    const outcome = world.act(world.of(id ?? ''), ({ paxos }) => paxos.leave(world.now))
    if (outcome !== 'leaving') {
        world.tell(`${id} does not leave: ${outcome}`)
    }
}

// cede 0 1
// The first member hands its leadership over to the second member.
const cede: Command = (world, { plain: [id, to] }) => {
    const outcome = world.act(world.of(id ?? ''), ({ paxos }) => paxos.cede(world.now, to ?? ''))
    if (outcome !== 'ceding') {
        world.tell(`${id} does not cede: ${outcome}`)
    }
}

// publish 0 a b
// publish 0 x count=20
// The member publishes values, each by itself; the second form x1, x2 and so on.
const publish: Command = (world, { plain: [id, ...values], named: { count } }) => {
    const numbered = Array.from({ length: Number(count) || 0 }, (_, index) => index + 1)
    const bodies = count === undefined ? values : numbered.map((at) => `${values[0]}${at}`)
    for (const body of bodies) {
        world.act(world.of(id ?? ''), (resident) => resident.publish(body))
    }
}

/** Removes the messages between two members, from a member, or to a member, from the air. */
function pick(world: World, { named: { from, to, only } }: Words): readonly Flight[] {
    const isMeant = (flight: Flight): boolean => {
        const isAnswer = flight.kind === 'response' || flight.kind === 'receipts'
        const [speaker, hearer] = isAnswer ? [flight.to, flight.from] : [flight.from, flight.to]
        const kind = flight.kind === 'request' ? flight.body.method : flight.kind
        return (from ?? speaker) === speaker && (to ?? hearer) === hearer && (only ?? kind) === kind
    }
    const picked = world.air.filter(isMeant)
    world.air = world.air.filter((flight) => !isMeant(flight))
    return picked
}

// deliver
// deliver from=0 to=1
// Without names: delivers until no message is left. With names: delivers those messages once.
const deliver: Command = (world, words) => {
    if (Object.keys(words.named).length === 0) {
        world.settle()
        return
    }
    for (const flight of pick(world, words)) {
        world.deliver(flight)
    }
}

// drop from=0 to=1
// Loses the messages in the air between the two; no caller learns of the loss.
const drop: Command = (world, words) => {
    for (const flight of pick(world, words)) {
        world.tell(`lost: ${world.describe(flight)}`)
    }
}

// hold from=2 to=0 only=batch
// Keeps messages back.
const hold: Command = (world, words) => {
    world.held.push(...pick(world, words))
}

// duplicate from=2 to=0
// Keeps a copy of messages back, to arrive a second time.
const duplicate: Command = (world, words) => {
    const picked = pick(world, words)
    world.air.push(...picked)
    world.held.push(...picked)
}

// release
// The messages that were kept back are in the air again.
const release: Command = (world) => {
    for (const flight of world.held.splice(0)) {
        world.tell(`again: ${world.describe(flight)}`)
        world.air.push(flight)
    }
}

// cut 0 1
// cut 0 1 oneway
// Loses all messages between the two; in the second form only those of the first.
const cut: Command = (world, { plain: [left, right, how] }) => {
    world.cut(left ?? '', right ?? '')
    if (how !== 'oneway') {
        world.cut(right ?? '', left ?? '')
    }
}

// heal
// No message is lost from now on.
const heal: Command = (world) => world.heal()

// crash 0 1
// The processes end; a caller learns at once that no process answers.
const crash: Command = (world, { plain }) => {
    for (const id of plain) {
        world.of(id).isAlive = false
    }
}

// advance 250
// Time passes and appointments fire; new messages stay in the air.
const advance: Command = (world, { plain: [durationMs] }) => {
    world.wind(Number(durationMs), () => {})
}

// run 3000
// Time passes, all messages are delivered at once, and only the results are printed.
const run: Command = (world, { plain: [durationMs] }) => {
    hush(world, () => world.wind(Number(durationMs), () => world.settle()))
}

// quietly run 3000
// Runs the rest of the line, and prints nothing.
const quietly: Command = (world, { plain, named }) => {
    const options = Object.entries(named).map(([key, value]) => `${key}=${value}`)
    perform(world, [...plain, ...options])
    world.takeTold()
}

// status
// status 0 1
// Prints the status of each living member.
const status: Command = (world, { plain }) => {
    for (const { id, paxos } of world.living()) {
        if (plain.length === 0 || plain.includes(id)) {
            const { role, government, committed, head, accepted } = paxos.inspect()
            const suffix = head === committed ? '' : ` head=${head} accepted=${accepted}`
            const members = `${seats(paxos.government)} `.trimStart()
            world.tell(`${id} ${role} of ${government} ${members}committed=${committed}${suffix}`)
        }
    }
}

// holdings 0
// Prints the part of its log that a member still holds.
const holdings: Command = (world, { plain }) => {
    for (const id of plain) {
        const history = world.of(id).paxos.history(null) ?? []
        const from = history[0]?.promise ?? 'nothing'
        world.tell(`${id} holds ${history.length} from ${from} on`)
    }
}

// health 0
// Prints the number of values that a member has published and not seen.
const health: Command = (world, { plain }) => {
    for (const id of plain) {
        const { waiting, pending } = world.of(id).islander.health()
        world.tell(`${id} waiting=${waiting} pending=${pending}`)
    }
}

// calendar 0
// Prints the due times of a member's appointments.
const calendar: Command = (world, { plain }) => {
    for (const id of plain) {
        for (const { key, when } of world.of(id).paxos.scheduler.calendar()) {
            world.tell(`${id} ${key} in ${when - world.now}`)
        }
    }
}

// minimum
// From now on, messages are printed with the lowest promise that every member holds.
const minimum: Command = (world) => {
    world.showsMinimum = true
}

const COMMANDS: ReadonlyMap<string, Command> = new Map(Object.entries({
    republic, immigrate, naturalize, leave, cede, publish, deliver, drop, hold, duplicate, release,
    cut, heal, crash, advance, run, quietly, status, holdings, health, calendar, minimum
}))
