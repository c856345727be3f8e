import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import cadence, { type Cadenced, type Loop } from 'cadence'
import Procession from 'procession'
import Logger, { type Entry } from 'prolific.logger'
import rescue from 'rescue'
import Signal from 'signal'
import { drain, said } from '../support/alone.js'

describe('cadence', () => {
    test('calls back with the results of its last step, in the same turn', () => {
        const results: unknown[] = []
        const add: Cadenced<{ base: number }, [number], [number]> = cadence(function (async, n) {
            async()(null, this.base, n)
        }, function (base: number, n: number) {
            return base + n
        })
        add.call({ base: 1 }, 2, (error, sum) => { results.push(error, sum) })
        assert.deepEqual(results, [null, 3])
    })

    test('passes the arguments of a step on if the step returns nothing', () => {
        const results: unknown[] = []
        cadence<undefined, []>(function (async) {
            async(function () { return [7] }, function () {})
        }).call(undefined, (...values) => { results.push(...values) })
        assert.deepEqual(results, [null, 7])
        cadence<undefined, [number]>(function () {}).call(undefined, 1, (_error, first) => {
            assert.equal(typeof first, 'function')
        })
    })

    test('loops until a step breaks, over items too', () => {
        const results: unknown[] = []
        cadence<undefined, []>(function (async) {
            const loop: Loop = async(function (n: number) {
                return n < 3 ? [loop.continue, n + 1] : [loop.break, n]
            })(0)
        }).call(undefined, (_error, n) => { results.push(n) })
        cadence<undefined, []>(function (async) {
            async.map(function (item: number, index: number) { return item + index })([10, 20])
        }).call(undefined, (_error, sums) => { results.push(sums) })
        cadence<undefined, []>(function (async) {
            async.forEach(function (item: string) { results.push(item) })(['a', 'b'])
        }).call(undefined, () => { results.push('end') })
        assert.deepEqual(results, [3, [10, 21], 'a', 'b', 'end'])
    })

    test('catches, finalizes and gathers by the shape of a step', () => {
        const results: unknown[] = []
        cadence<undefined, []>(function () { return [1, 2] }, [], function (both: number[]) {
            results.push(both)
        }, [function () { results.push('finally') }], [function () {
            throw new Error('no')
        }, function (error: Error) { return [error.message] }], [function () {
            throw new Error('never')
        }, /^never$/, function () { return ['caught'] }]).call(undefined, (error, value) => {
            results.push(error, value)
        })
        assert.deepEqual(results, [[1, 2], 'finally', null, 'caught'])
    })

    test('throws if a call has no callback', () => {
        const alone = cadence<undefined, []>(function () {})
        // @ts-expect-error: A call without its callback is what must not compile.
        assert.throws(() => { alone.call(undefined) }, TypeError)
    })
})

describe('procession', () => {
    test('gives every cursor every value pushed after it', () => {
        const queue = new Procession<number>()
        queue.push(1)
        const first = queue.shifter()
        queue.push(2)
        const second = queue.shifter()
        const copy = first.shifter()
        queue.enqueue(3, (error) => { assert.equal(error, undefined) })
        assert.equal(first.peek(), 2)
        assert.deepEqual([drain(first), drain(second), drain(copy)], [[2, 3], [3], [2, 3]])
        assert.equal(first.procession, queue)
    })

    test('ends with null and drops what follows', () => {
        const queue = new Procession<number>()
        const shifter = queue.shifter()
        assert.equal(queue.endOfStream, undefined)
        queue.push(null)
        queue.push(1)
        assert.equal(queue.endOfStream, true)
        assert.deepEqual([shifter.shift(), shifter.endOfStream], [null, true])
    })

    test('hands a value to waiting readers before push returns', () => {
        const queue = new Procession<number>()
        const seen: unknown[] = []
        queue.shifter().dequeue((_error, value) => { seen.push(['dequeue', value]) })
        queue.shifter().join((value) => value === 2, (_error, value) => { seen.push(value) })
        queue.shifter().join(() => false, (error) => { seen.push(error?.message) })
        queue.pushed.wait(() => { seen.push('pushed') })
        queue.push(1)
        assert.deepEqual(seen, [['dequeue', 1], 'pushed'])
        queue.push(2)
        queue.push(null)
        assert.deepEqual(seen.slice(2), [2, 'procession#endOfStream'])
    })

    test('pumps into functions and methods, one by one if these take a callback', () => {
        const queue = new Procession<number>()
        const seen: unknown[] = []
        const done: (() => void)[] = []
        queue.shifter().pump((value) => { seen.push(value) })
        queue.shifter().pump((value, callback) => { seen.push([value]); done.push(callback) })
        const target = new Procession<number>()
        const behind = target.shifter()
        const pumper = queue.shifter().pump(target, 'enqueue')
        queue.push(1)
        queue.push(2)
        pumper.cancel()
        queue.push(null)
        assert.deepEqual(seen, [1, [1], 2, null])
        done[0]?.()
        assert.deepEqual(seen.slice(4), [[2]])
        assert.deepEqual([drain(behind), behind.endOfStream], [[1, 2], false])
    })

    test('ends a destroyed cursor alone', () => {
        const queue = new Procession<number>()
        const [first, second] = [queue.shifter(), queue.shifter()]
        const seen: unknown[] = []
        first.dequeue((_error, value) => { seen.push(value) })
        first.destroy()
        first.destroy()
        queue.push(1)
        assert.deepEqual([seen, first.destroyed, second.shift()], [[null], true, 1])
    })

    test('ends the later feeds when one reader throws', () => {
        assert.equal(said(`
            import Procession from 'procession'
            const queue = new Procession()
            const seen = []
            process.once('uncaughtException', (error) => { console.log(error.message, seen) })
            queue.shifter().pump(() => { throw new Error('reader') })
            queue.shifter().pump((value) => { seen.push(value) })
            try { queue.push(1) } catch (error) { seen.push(error.message) }
            queue.push(2)
        `), "reader [ 'reader' ]\n")
    })
})

describe('signal', () => {
    test('calls the waiters at the time of the notice, with its values', () => {
        const signal = new Signal<[string, number]>()
        const seen: unknown[] = []
        signal.wait((word, n) => {
            seen.push(word, n)
            signal.wait((later) => { seen.push(later) })
        })
        const cookie = signal.wait(() => { seen.push('cancelled') })
        assert.equal(signal.occupied, true)
        assert.equal(typeof signal.cancel(cookie), 'function')
        assert.equal(signal.cancel(cookie), null)
        signal.notify('a', 1)
        assert.deepEqual(seen, ['a', 1])
        signal.notify('b', 2)
        assert.deepEqual([seen, signal.occupied], [['a', 1, 'b'], false])
    })

    test('stays open with the values of the first unlatch', () => {
        const signal = new Signal()
        const seen: unknown[] = []
        const target = { done(error?: Error | null): void { seen.push(error) } }
        signal.wait(target, 'done')
        Signal.first(new Signal(), signal, (error) => { seen.push(error) })
        assert.equal(signal.open, null)
        signal.unlatch(null)
        signal.unlatch(new Error('late'))
        assert.equal(signal.wait((error) => { seen.push(error) }), null)
        assert.deepEqual([seen, signal.open], [[null, null, null], [null]])
        new Signal<[number]>((n) => { seen.push(n) }).notify(1)
        assert.equal(seen.pop(), 1)
    })

    test('wakes all waiters when the time of one waiter is up', (_context, done) => {
        const signal = new Signal<[string]>()
        const seen: unknown[] = []
        signal.wait((...values: Partial<[string]>) => { seen.push(values) })
        signal.wait(1, (word) => {
            assert.deepEqual([word, seen], [undefined, [[]]])
            done()
        })
    })

    test('loses the waiters behind a waiter that throws', () => {
        const signal = new Signal()
        signal.wait(() => { throw new Error('waiter') })
        signal.wait(() => { assert.fail('A lost waiter was called.') })
        assert.throws(() => { signal.notify() }, /^Error: waiter$/)
        signal.notify()
    })
})

describe('rescue', () => {
    test('recovers from matching errors and throws all other errors', () => {
        const ended = new Error('conduit#endOfStream\n\nand much more')
        const nothing: undefined = rescue(/^conduit#endOfStream$/m, null)(ended)
        const value: string = rescue(/^other$/, /^conduit#endOfStream$/m, 'end')(ended)
        const made: number = rescue(/^conduit/, (error) => error.message.length)(ended)
        assert.deepEqual([nothing, value, made], [undefined, 'end', ended.message.length])
        assert.throws(() => { rescue(/^other$/)(ended) }, ended)
        const coded = Object.assign(new Error('no file'), { code: 'ENOENT' })
        assert.equal(rescue(/^code:ENOENT$/, 'absent')(coded), 'absent')
        assert.equal(rescue(/^a$/, 1, [/^b$/, /^no file$/, 2])(coded), 2)
    })

    test('stands in a catch step of cadence and leaves no value behind', () => {
        cadence<undefined, []>(function (async) {
            async([function () {
                async()(new Error('conduit#endOfStream'))
            }, rescue(/^conduit#endOfStream$/m, null)], function (...values: unknown[]) {
                assert.deepEqual(values, [])
                return 'recovered'
            })
        }).call(undefined, (...values) => { assert.deepEqual(values, [null, 'recovered']) })
    })
})

describe('prolific.logger', () => {
    test('writes lines to one sink, by level', (context) => {
        const { sink } = Logger
        const queue = sink.queue
        context.after(() => {
            sink.queue = queue
            sink.clearLevel('declarations')
        })
        const entries: Entry[] = []
        sink.queue = { push(entry): void { entries.push(entry) } }
        const logger = Logger.createLogger('declarations')
        logger.debug('quiet')
        logger.info('said', { answer: 42, pid: 'taken' })
        sink.setLevel('declarations', 'trace')
        assert.equal(sink.getLevel('declarations'), 'trace')
        for (const level of ['error', 'warn', 'info', 'debug', 'trace'] as const) {
            logger[level](level)
            logger.log(level, level)
        }
        logger.concat('info', 'merged', { first: 1 }, { second: 2 })
        const [said, last] = [entries[0], entries.at(-1)]
        assert.deepEqual([said?.qualified, said?.['answer'], said?.pid],
            ['declarations#said', 42, process.pid])
        assert.deepEqual([entries.length, last?.['first'], last?.['second']], [12, undefined, 2])
        assert.ok(logger instanceof Logger && logger.qualifier === 'declarations')
        assert.deepEqual(sink.properties, {})
    })
})
