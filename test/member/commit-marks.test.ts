import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CommitMarks } from '../../src/member/commit-marks.js'
import type { QuestionAnswer, QuestionBody } from '../../src/member/questions.js'
import { Paxos } from '../../src/paxos/paxos.js'
import { Household, type Inhabitant } from './household.js'

interface Question {
    readonly member: string
    readonly method: string
    readonly body: QuestionBody
    readonly answered: (answer: QuestionAnswer | null) => void
}

/** A leader of three voters in a fixed state, and the questions that it has asked. */
function leader(id: string = 'a', isLeading: boolean = true) {
    const government = new Paxos(0, 'r', 'a').government
    const engine = {
        id, isLeading, exiled: false, founding: 'f', republic: 'r', immigrated: '1/0',
        successor: null as string | null,
        logEnd: { promised: '2/1/0', accepted: '2/1/0', head: '4/7' },
        government: {
            ...government, version: 2, majority: ['a', 'b'], minority: ['c'],
            immigrated: { id: {}, promise: { a: '1/0', b: '2/0', c: '3/0' } }
        }
    }
    const questions: Question[] = []
    const marks = new CommitMarks(engine, (member, method, body, answered) => {
        questions.push({ member, method, body, answered })
    })
    const marked: (string | null)[] = []
    const ask = (): void => marks.ask((mark) => marked.push(mark))
    return { engine, marks, questions, marked, ask }
}

describe('CommitMarks', () => {
    test('yields the end of the leader\'s log after a majority has confirmed the leader', () => {
        const { questions, marked, ask } = leader()
        ask()
        assert.deepEqual(questions.map(({ member, method, body }) => [member, method, body.to]),
            [['b', 'promised', '2/0'], ['c', 'promised', '3/0']])
        assert.deepEqual(marked, [])
        questions[1]?.answered({ promised: '2/1/0' })
        assert.deepEqual(marked, ['4/7'])
        questions[0]?.answered({ promised: '2/1/0' })
        assert.deepEqual(marked, ['4/7'])
    })

    test('counts no voter that has promised a higher ballot, and no voter twice', () => {
        const { questions, marked, ask } = leader()
        ask()
        questions[0]?.answered({ promised: '3/2/0' })
        questions[0]?.answered({ promised: '2/1/0' })
        assert.deepEqual(marked, [])
        questions[1]?.answered(null)
        assert.deepEqual(marked, [null])
    })

    test('lets callers that come during a round share the next round', () => {
        const { questions, marked, ask } = leader()
        ask()
        ask()
        ask()
        assert.equal(questions.length, 2)
        questions[0]?.answered({ promised: '2/1/0' })
        assert.deepEqual([marked, questions.length], [['4/7'], 4])
        questions[3]?.answered({ promised: '1/1/0' })
        assert.deepEqual(marked, ['4/7', '4/7', '4/7'])
    })

    test('yields nothing at a leader that hands over, or that has promised another ballot', () => {
        const handing = leader()
        handing.ask()
        handing.engine.successor = 'b'
        handing.questions[0]?.answered({ promised: '2/1/0' })
        assert.deepEqual(handing.marked, [null])
        const deposed = leader()
        deposed.ask()
        deposed.engine.logEnd.promised = '3/2/0'
        deposed.marks.check()
        assert.deepEqual(deposed.marked, [null])
    })

    test('asks the leader at any other member, and follows a change of the leader', () => {
        const { engine, marks, questions, marked, ask } = leader('b', false)
        ask()
        assert.deepEqual(questions.map(({ member, method }) => [member, method]), [['a', 'mark']])
        questions[0]?.answered({ mark: '4/8' })
        ask()
        Object.assign(engine.government, { majority: ['c', 'b'] })
        marks.check()
        assert.deepEqual(marked, ['4/8', null])
    })

    test('answers questions for its own incarnation only', () => {
        const { engine, marks } = leader()
        const answers: unknown[] = []
        const put = (body: Partial<QuestionBody>): void => {
            const question = { republic: 'r', founding: 'f', id: 'b', to: '1/0', ...body }
            marks.answer('promised', question, (answer) => answers.push(answer))
        }
        put({})
        put({ to: '2/0' })
        put({ founding: 'g' })
        put({ republic: 's' })
        Object.assign(engine, { exiled: true })
        put({})
        assert.deepEqual(answers, [{ promised: '2/1/0' }, null, null, null, null])
    })
})

describe('a barrier', () => {
    test('needs no disk, at any member', { timeout: 60_000 }, async () => {
        await using household = new Household()
        const members = await household.settle('a', 'b', 'c') as Inhabitant[]
        const { promise } = await (members[0] as Inhabitant).kibitzer.publish('x')
        for (const member of members) {
            await member.seen(() => member.log.at(-1)?.promise === promise)
        }
        let release = (): void => {}
        for (const { journal } of members) {
            journal.halt = new Promise((resolve) => {
                const others = release
                release = () => {
                    others()
                    resolve()
                }
            })
        }
        const read = await Promise.all(members.map(({ kibitzer }) => kibitzer.barrier()))
        release()
        assert.deepEqual(read, members.map(() => ({ promise })))
    })
})
