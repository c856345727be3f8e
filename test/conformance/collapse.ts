import {
    lose, populate, publishAtOnce, publishInTurn, UNTIL_EXILED, UNTIL_SPREAD, type Scenario
} from './scenario.js'

/** What becomes of a republic of any size when one that matters dies. */
function scenariosOf(population: number): Scenario[] {
    return [{
        when: `a majority member of ${population} dies`,
        play: (island) => {
            populate(island, population)
            publishInTurn(island, 'before')
            lose(island, '1')
        }
    }, {
        when: `the leader of ${population} dies`,
        play: (island) => {
            populate(island, population)
            publishInTurn(island, 'before')
            lose(island, '0')
        }
    }, {
        when: `the leader of ${population} dies and all publish before they notice`,
        play: (island) => {
            populate(island, population)
            publishInTurn(island, 'before')
            island.crash('0')
            publishAtOnce(island, 'unaware', 2)
            island.settle()
            publishAtOnce(island, 'still unaware')
            island.pass(UNTIL_EXILED)
            publishInTurn(island, 'after')
        }
    }, {
        when: `the leader of ${population} dies and two arrive once it is exiled`,
        play: (island) => {
            populate(island, population)
            lose(island, '0')
            for (const id of ['8', '9']) {
                island.immigrate(id, true)
                island.pass(UNTIL_SPREAD)
            }
            publishInTurn(island, 'grown again')
        }
    }, {
        when: `the leader of ${population} comes back under its old id once it is exiled`,
        play: (island) => {
            populate(island, population)
            lose(island, '0')
            island.immigrate('0', true)
            island.pass(UNTIL_SPREAD)
            publishInTurn(island, 'returned')
        }
    }]
}

/** The reference collapses in each of these. */
export const collapses: readonly Scenario[] = [
    ...[3, 4, 5, 6, 7, 8].flatMap(scenariosOf),
    {
        when: 'a majority member and a minority member of seven seats die at the same instant',
        parliamentSize: 7,
        play: (island) => {
            populate(island, 7)
            publishInTurn(island, 'before')
            lose(island, '2', '5')
        }
    },
    {
        when: 'the leader and a constituent of eight members die at the same instant',
        play: (island) => {
            populate(island, 8)
            publishInTurn(island, 'before')
            lose(island, '0', '6')
        }
    }
]

/** Who leads next is a matter of timing, and so is who dies; how many are left is not. */
export const successions: readonly Scenario[] = [4, 5, 6, 7, 8].map((population): Scenario => ({
    when: `two leaders of ${population} die one after the other`,
    play: (island) => {
        populate(island, population)
        lose(island, island.leader())
        lose(island, island.leader())
    }
}))
