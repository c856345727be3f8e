import { Monotonic } from '../../src/base/monotonic.js'
import { CommitMarks } from '../../src/member/commit-marks.js'
import type { QuestionAnswer } from '../../src/member/questions.js'
import type { Resident } from './resident.js'
import type { Address, Surroundings } from './surroundings.js'
import { demand } from './violation.js'
import type { World } from './world.js'

/** The questions that a process asks other processes. A question waits for no disk. */
export function marksOf(resident: Resident, surroundings: Surroundings): CommitMarks {
    const { paxos } = resident.door
    return new CommitMarks(paxos, (member, method, body, answered) => {
        const address = paxos.addressOf(member) as Address | undefined
        if (address === undefined || !resident.isAlive || resident.isClosed) {
            answered(null)
            return
        }
        surroundings.call(resident, address.host, method, body, (answer) => {
            answered(answer as QuestionAnswer | null)
        })
    })
}

/**
 * A process reads. Every entry that any process has delivered by now is at most at the mark that
 * the process gets: S10.
 *
 * @param ended Takes the mark; `null` if no leader has answered.
 */
export function read(
    world: World, resident: Resident, ended: (mark: Monotonic | null) => void = () => {}
): void {
    if (!resident.isReady || resident.isClosed || !resident.isCitizen) {
        return
    }
    const { chronicle } = world.observer.realmOf(resident)
    const { tip } = chronicle
    resident.marks.ask((mark) => {
        if (mark === null) {
            world.tally.reach('a question has no answer')
            ended(null)
            return
        }
        world.tally.reach('a leader confirms that it leads')
        demand(Monotonic.compare(mark, tip) >= 0, 'S10', () =>
            `${resident.id} reads through ${mark}, but ${tip} was in the log before it asked`)
        ended(mark)
    })
}
