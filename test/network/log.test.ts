import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { audit, type Annals, type Fate, type Observation, type Publish } from './log.js'

const GOVERNMENT: Observation = { promise: '1/0', text: 'government', value: null }

/** The entries of a log, in words: `1/1=a` is value `a`. */
function log(words: string): Observation[] {
    return words.split(' ').map((word) => {
        const [promise = '', value = null] = word.split('=')
        return value === null ? { ...GOVERNMENT, promise } : { promise, text: value, value }
    })
}

/** What publishers were told, in words: `p:a=1/1`, `p:b!` refused, `p:c?` unknown. */
function publishes(words: string): Publish[] {
    return words.split(' ').map((word) => {
        const [, publisher = '', value = '', mark = '', promise = ''] =
            /^(\w+):(\w+)([=!?])(.*)$/.exec(word) ?? []
        const fate: Fate = mark === '='
            ? { name: 'acknowledged', promise }
            : { name: mark === '!' ? 'refused' : 'unknown' }
        return { publisher, value, fate }
    })
}

function annals(logs: Record<string, string>, told: string): Annals {
    const read = Object.entries(logs).map(([member, words]) => [member, log(words)] as const)
    return { logs: new Map(read), publishes: publishes(told) }
}

function wrongs(logs: Record<string, string>, told: string): string[] {
    return audit(annals(logs, told)).map(({ wrong }) => wrong)
}

const WHOLE = '1/0 1/1=a 1/2=b 2/0 2/1=c 2/2=d'
const TOLD = 'p:a=1/1 p:b=1/2 p:c=2/1 q:d=2/2'

describe('the log checker', () => {
    test('finds nothing in parts of one log, and in doubtful writes of either outcome', () => {
        assert.deepEqual(wrongs({ x: WHOLE }, TOLD), [])
        assert.deepEqual(wrongs({ x: WHOLE, y: '2/0 2/1=c 2/2=d', z: '1/0 1/1=a' }, TOLD), [])
        assert.deepEqual(wrongs({ x: WHOLE }, 'p:a? p:b? p:c=2/1 p:e? p:f! q:d? q:e?'), [])
        assert.deepEqual(wrongs({ x: '9/9 9/a=a a/0 10/0' }, 'p:a=9/a'), [])
    })

    for (const [name, logs, told, found] of [
        ['a refused write that a member reads', { x: WHOLE }, TOLD.replace('d=2/2', 'd!'),
            ['aborted read']],
        ['a value without a publish', { x: WHOLE }, TOLD.replace(' q:d=2/2', ''), ['phantom']],
        ['two values of one offset', { x: WHOLE, y: '1/0 1/1=a 1/2=e' }, TOLD, ['fork']],
        ['two governments of one offset, where one log begins',
            { x: '1/0 2/0', y: '2/0=g' }, 'p:g?', ['fork']],
        ['an acknowledged write in no log', { x: WHOLE }, `${TOLD} q:e=2/3`,
            ['lost write']],
        ['a lost write before all logs', { x: WHOLE }, `q:e=1/3 ${TOLD}`, ['lost write']],
        ['a write at another offset', { x: WHOLE }, TOLD.replace('d=2/2', 'd=2/3'),
            ['misplaced']],
        ['a repeated value', { x: `${WHOLE} 2/3=a` }, TOLD, ['duplicate']],
        ['an entry that one member has not seen', { x: WHOLE, y: '1/1=a 1/2=b 2/1=c' }, TOLD,
            ['skip']],
        ['a value that only dead members saw', { x: '1/0 1/1=a 2/0 2/1=c 2/2=d', dead: WHOLE },
            TOLD, ['skip']],
        ['an entry behind a later entry', { x: WHOLE, y: '1/1=a 2/0 1/2=b' }, TOLD,
            ['skip', 'non-monotonic']],
        ['a repeated entry', { x: WHOLE, y: '1/1=a 1/1=a 1/2=b' }, TOLD,
            ['non-monotonic']],
        ['entries of one publisher that changed places', { x: WHOLE },
            'p:b=1/2 p:a=1/1 p:c=2/1 q:d=2/2', ['inversion']],
        ['an entry missing before a later entry of its publisher', { x: WHOLE },
            'p:a=1/1 p:e? p:b=1/2 p:c=2/1 q:d=2/2', ['gap']]
    ] as const) {
        test(`finds ${name}`, () => {
            assert.deepEqual(wrongs(logs, told), found)
        })
    }

    test('names the member, the fault and the offset', () => {
        const [lost] = audit(annals({ x: WHOLE }, `${TOLD} q:e=2/3`))
        assert.equal(lost?.text, 'q was told that e is 2/3, and it is in no log')
        const [skip] = audit(annals({ x: WHOLE, y: '1/1=a 2/1=c' }, TOLD))
        assert.equal(skip?.text, 'y missed 2 between 1/1 and 2/1')
    })

    test('checks logs of fifty thousand entries', () => {
        const words = (count: number): string => ['1/0', ...Array.from({ length: count },
            (_, index) => `1/${(index + 1).toString(16)}=v${index}`)].join(' ')
        const told = (count: number): string => Array.from({ length: count },
            (_, index) => `p:v${index}=1/${(index + 1).toString(16)}`).join(' ')
        assert.deepEqual(wrongs({ x: words(50_000), y: words(50_000) }, told(50_000)), [])
    })
})
