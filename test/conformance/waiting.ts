import {
    ids, populate, publishAtOnce, publishInTurn, UNTIL_SPREAD, type Scenario
} from './scenario.js'

/**
 * A government is under way and entries wait behind it, when the next one goes before them and
 * renumbers them.
 */
export const renumbered: readonly Scenario[] = [3, 5, 8].flatMap((population): Scenario[] => [{
    when: `two arrive in a republic of ${population}, and all publish before they are there`,
    play: (island) => {
        populate(island, population)
        publishAtOnce(island, 'early')
        island.immigrate('one')
        island.immigrate('two')
        island.submit()
        island.pass(UNTIL_SPREAD)
        publishInTurn(island, 'afterwards')
    }
}, {
    when: `four arrive in a republic of ${population}, and one publishes a batch meanwhile`,
    play: (island) => {
        populate(island, population)
        const id = String(population - 1)
        island.publish(id, 'alone', 'first', 'second', 'third')
        island.pass(UNTIL_SPREAD)
        for (const newcomer of ['one', 'two', 'three', 'four']) {
            island.immigrate(newcomer)
        }
        island.publish(id, 'fourth', 'fifth', 'sixth', 'seventh')
        island.pass(UNTIL_SPREAD)
        publishInTurn(island, 'afterwards')
    }
}])

/**
 * The reference writes one entry at a time, so that a government can go before the rest of what its
 * leader has been given. Ours has written the rest by then: it loses nothing by being faster.
 */
export const written: readonly Scenario[] = [3, 5, 8].map((population): Scenario => ({
    when: `one arrives while an entry of each of ${population} members is under way`,
    play: (island) => {
        populate(island, population)
        publishAtOnce(island, 'early')
        island.submit()
        island.immigrate('new', true)
        island.pass(UNTIL_SPREAD)
        publishInTurn(island, 'afterwards')
    }
})).concat([1, 2, 3, 4, 5, 8].flatMap((population): Scenario[] => [1, 3].map((count) => ({
    when: `${count} arrive in a republic of ${population} while a batch of four is under way`,
    play: (island) => {
        populate(island, population)
        island.publish(String(population - 1), 'alone', 'first', 'second', 'third', 'fourth')
        island.submit()
        island.untilSubmitted()
        for (const id of ids(10, 9 + count)) {
            island.immigrate(id)
        }
        island.pass(UNTIL_SPREAD)
        publishInTurn(island, 'afterwards')
    }
}))))

/**
 * Everybody publishes batch after batch. Who gets its next batch to the leader first depends on who
 * sees the last one first, so only governments, and what each publisher has, can be compared.
 */
export const busy: readonly Scenario[] = [1, 2, 3, 5, 8].map((population): Scenario => ({
    when: `each of ${population} members publishes ten times at once, and once more`,
    play: (island) => {
        populate(island, population)
        publishAtOnce(island, 'a storm', 10)
        island.pass(UNTIL_SPREAD)
        publishAtOnce(island, 'calm')
        island.pass(UNTIL_SPREAD)
    }
}))
