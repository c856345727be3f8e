import {
    found, ids, lose, populate, publishAtOnce, publishInTurn, UNTIL_EXILED, UNTIL_SPREAD,
    type Scenario
} from './scenario.js'

const arrivals: Scenario[] = [1, 2, 3, 4, 5, 6, 7].flatMap((count): Scenario[] => [{
    when: `${count} arrive one after the other, naturalized at once, and all publish`,
    play: (island) => {
        found(island)
        for (const id of ids(1, count)) {
            island.immigrate(id, true)
            island.pass()
            publishInTurn(island, `with ${id}`)
        }
    }
}, {
    when: `${count} arrive in a parliament of three at the same instant, naturalized at once`,
    play: (island) => {
        populate(island, 3)
        for (const id of ids(3, count + 2)) {
            island.immigrate(id, true)
        }
        island.pass(UNTIL_SPREAD)
        publishInTurn(island, 'together')
    }
}, {
    when: `${count} arrive and naturalize one after the other`,
    play: (island) => {
        found(island)
        for (const id of ids(1, count)) {
            island.immigrate(id)
            island.pass()
            island.naturalize(id)
            island.pass(UNTIL_SPREAD)
            publishInTurn(island, `with ${id}`)
        }
    }
}, {
    when: `${count} arrive, then naturalize one after the other`,
    play: (island) => {
        found(island)
        for (const id of ids(1, count)) {
            island.immigrate(id)
        }
        island.pass()
        for (const id of ids(1, count)) {
            island.naturalize(id)
            island.pass(UNTIL_SPREAD)
        }
        publishInTurn(island, 'together')
    }
}])

const naturalization: Scenario[] = [{
    when: 'those who arrive last naturalize first',
    play: (island) => {
        found(island)
        for (const id of ids(1, 6)) {
            island.immigrate(id)
        }
        island.pass()
        for (const id of ids(1, 6).reverse()) {
            island.naturalize(id)
            island.pass(UNTIL_SPREAD)
            publishInTurn(island, `once ${id} is naturalized`)
        }
    }
}, {
    when: 'one member never naturalizes and so is never seated',
    play: (island) => {
        found(island)
        island.immigrate('1')
        for (const id of ids(2, 5)) {
            island.immigrate(id, true)
            island.pass(UNTIL_SPREAD)
        }
        publishInTurn(island, 'one unseated')
    }
}, {
    when: 'four naturalize in a parliament of three at the same instant',
    play: (island) => {
        populate(island, 3)
        for (const id of ids(3, 6)) {
            island.immigrate(id)
        }
        island.pass(UNTIL_SPREAD)
        island.naturalize(...ids(3, 6))
        island.pass(UNTIL_SPREAD)
        publishInTurn(island, 'together')
    }
}, {
    when: 'a member naturalizes while another arrives',
    play: (island) => {
        populate(island, 3)
        island.immigrate('3')
        island.pass(UNTIL_SPREAD)
        island.naturalize('3')
        island.immigrate('4')
        island.pass(UNTIL_SPREAD)
        island.naturalize('4')
        island.pass(UNTIL_SPREAD)
        publishInTurn(island, 'grown')
    }
}, {
    when: 'a member naturalizes twice, and the founder once more',
    play: (island) => {
        populate(island, 3)
        island.naturalize('0')
        island.immigrate('3')
        island.pass()
        island.naturalize('3')
        island.naturalize('3')
        island.pass(UNTIL_SPREAD)
        island.naturalize('3')
        island.pass(UNTIL_SPREAD)
        publishInTurn(island, 'naturalized')
    }
}]

const growth: Scenario[] = [1, 3, 7].map((parliamentSize): Scenario => ({
    when: `the parliament has ${parliamentSize} seats and eight members come`,
    parliamentSize,
    play: (island) => {
        populate(island, 8)
        publishInTurn(island, 'in full strength')
    }
}))

const publishing: Scenario[] = [{
    when: 'a dictator publishes alone',
    play: (island) => {
        found(island)
        island.publish('0', 'a', 'b', 'c')
        island.pass()
        island.publish('0', 'd')
        island.pass()
    }
}, ...[2, 3, 5, 8].flatMap((population): Scenario[] => [{
    when: `each of ${population} members publishes once at the same instant`,
    play: (island) => {
        populate(island, population)
        publishAtOnce(island, 'all at once')
        island.pass(UNTIL_SPREAD)
    }
}, {
    when: `one batch follows another from each of ${population} members in turn`,
    play: (island) => {
        populate(island, population)
        for (const id of island.ids()) {
            island.publish(id, `${id} first`, `${id} second`, `${id} third`)
            island.pass(UNTIL_SPREAD)
            island.publish(id, `${id} fourth`)
            island.pass(UNTIL_SPREAD)
        }
    }
}]), {
    when: 'one member publishes so much that both words of a promise need two digits',
    play: (island) => {
        populate(island, 8)
        for (const id of ids(8, 16)) {
            island.immigrate(id)
            island.pass(UNTIL_SPREAD)
        }
        island.publish('4', ...ids(1, 40).map((number) => `number ${number}`))
        island.pass(UNTIL_SPREAD)
        publishInTurn(island, 'by many')
    }
}, {
    when: 'a newcomer publishes as soon as it has been admitted',
    play: (island) => {
        populate(island, 3)
        island.publish('0', 'before')
        island.pass(UNTIL_SPREAD)
        island.immigrate('3')
        island.pass()
        island.publish('3', 'hello')
        island.pass(UNTIL_SPREAD)
        publishInTurn(island, 'welcome')
    }
}]

const exiles: Scenario[] = [{
    when: 'the only constituent of a dictator is exiled',
    play: (island) => {
        populate(island, 2)
        lose(island, '1')
    }
}, {
    when: 'a constituent that was never naturalized is exiled',
    play: (island) => {
        populate(island, 3)
        island.immigrate('3')
        island.pass(UNTIL_SPREAD)
        lose(island, '3')
    }
}, {
    when: 'a newcomer dies before it learns of its admission',
    play: (island) => {
        populate(island, 3)
        island.immigrate('3', true)
        lose(island, '3')
    }
}, {
    when: 'a member arrives while a constituent is silent and naturalizes once that is exiled',
    play: (island) => {
        populate(island, 4)
        island.crash('3')
        island.pass(2)
        island.immigrate('4')
        island.pass(UNTIL_EXILED)
        island.naturalize('4')
        island.pass(UNTIL_SPREAD)
        publishInTurn(island, 'another in its place')
    }
}, {
    when: 'two constituents are exiled one after the other',
    play: (island) => {
        populate(island, 8)
        lose(island, '5')
        lose(island, '7')
    }
}, {
    when: 'an exiled constituent comes back under its old id',
    play: (island) => {
        populate(island, 4)
        lose(island, '3')
        island.immigrate('3', true)
        island.pass(UNTIL_SPREAD)
        publishInTurn(island, 'back again')
    }
}, ...[4, 8].map((population): Scenario => ({
    when: `a constituent of ${population} members is exiled`,
    play: (island) => {
        populate(island, population)
        lose(island, String(population - 1))
    }
})), ...[3, 4, 5, 6, 7, 8].map((population): Scenario => ({
    when: `the last of the minority of ${population} members is exiled`,
    play: (island) => {
        populate(island, population)
        lose(island, population < 5 ? '2' : '4')
    }
})), ...[5, 6, 7, 8].map((population): Scenario => ({
    when: `the first of the minority of ${population} members is exiled, then the next`,
    play: (island) => {
        populate(island, population)
        lose(island, '3')
        lose(island, '4')
    }
})), {
    when: 'a parliament shrinks by an exile and grows again by two arrivals',
    play: (island) => {
        populate(island, 3)
        lose(island, '2')
        island.immigrate('3', true)
        island.pass(UNTIL_SPREAD)
        island.immigrate('4', true)
        island.pass(UNTIL_SPREAD)
        publishInTurn(island, 'grown again')
    }
}]

/** No collapse in any of these, so the two sides must agree to the letter. */
export const stable: readonly Scenario[] = [
    { when: 'one member founds it', play: found },
    ...arrivals, ...naturalization, ...growth, ...publishing, ...exiles
]
