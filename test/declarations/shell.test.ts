import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import Caller from 'conduit/caller.js'
import Procedure from 'conduit/procedure.js'
import Destructible from 'destructible'
import happenstance, { Scheduler, Timer, type SchedulerEvent } from 'happenstance'
import Procession from 'procession'
import { drain, said } from '../support/alone.js'

describe('conduit', () => {
    test('answers calls in their order, one at a time', () => {
        const caller = new Caller<{ n: number }, number>()
        const waiting: (() => void)[] = []
        const procedure = new Procedure<{ n: number }, number>((body, callback) => {
            waiting.push(() => { callback(null, body.n * 2) })
        })
        const calls = caller.read.shifter()
        caller.read.shifter().pump(procedure.write, 'enqueue')
        procedure.read.shifter().pump(caller.write, 'enqueue')
        const answers: unknown[] = []
        caller.invoke({ n: 1 }, (error, n) => { answers.push(error, n) })
        caller.invoke({ n: 2 }, (error, n) => { answers.push(error, n) })
        assert.equal(waiting.length, 1)
        waiting[0]?.()
        waiting[1]?.()
        assert.deepEqual(answers, [null, 2, null, 4])
        assert.deepEqual(drain(calls).map(({ module, method, body }) => [module, method, body]), [
            ['conduit/caller', 'invoke', { n: 1 }], ['conduit/caller', 'invoke', { n: 2 }]
        ])
    })

    test('takes answers in any order, each once', () => {
        const caller = new Caller<string, string>()
        const calls = caller.read.shifter()
        const answers: unknown[] = []
        caller.invoke('a', (_error, answer) => { answers.push(['a', answer]) })
        caller.invoke('b', (_error, answer) => { answers.push(['b', answer]) })
        const cookies = drain(calls).map((call) => call.cookie)
        for (const cookie of [cookies[1], cookies[1], cookies[0]]) {
            const module = 'conduit/procedure'
            caller.write.push({ module, method: 'invocation', cookie: cookie ?? '', body: 'yes' })
        }
        assert.deepEqual(answers, [['b', 'yes'], ['a', 'yes']])
    })

    test('cuts off open and later calls at the end of the stream', () => {
        const caller = new Caller()
        const errors: unknown[] = []
        caller.invoke(1, (error) => { errors.push(error?.message) })
        caller.write.push(null)
        caller.invoke(2, (error) => { errors.push(error?.message) })
        assert.deepEqual(errors, ['conduit#endOfStream', 'conduit#endOfStream'])
        assert.equal(caller.read.endOfStream, true)
    })

    test('answers null if the operation gives no result, and has no end of its own', () => {
        const target = { serve (_body: unknown, done: () => void): void { done() } }
        const procedure = new Procedure(target, 'serve')
        const answers = procedure.read.shifter()
        const call = { module: 'conduit/caller', method: 'invoke', cookie: '1', body: 1 } as const
        procedure.write.push(call)
        procedure.write.push(null)
        assert.deepEqual(drain(answers).map(({ cookie, body }) => [cookie, body]), [['1', null]])
        assert.equal(procedure.read.endOfStream, undefined)
    })

    test('is ended by an operation that calls back with an error', () => {
        assert.equal(said(`
            import Procedure from 'conduit/procedure.js'
            const procedure = new Procedure((body, callback) => { callback(new Error(body)) })
            const answers = procedure.read.shifter()
            process.once('uncaughtException', (error) => {
                console.log(error.message, answers.shift())
            })
            const call = { module: 'conduit/caller', method: 'invoke', cookie: '1', body: 'no' }
            try { procedure.write.push(call) } catch (error) { console.log(error.message) }
            procedure.write.push(call)
        `), 'no\nno null\n')
    })
})

describe('destructible', () => {
    test('runs its destructors once and waits for its callbacks', () => {
        const destructible = new Destructible(1000, 'whole', { extra: 1 })
        const [seen, target]: [unknown[], { destroyed?: boolean, ended?: boolean }] = [[], {}]
        destructible.markDestroyed(target)
        destructible.addDestructor('first', () => { seen.push('replaced') })
        destructible.addDestructor('second', () => { seen.push('second') })
        destructible.addDestructor('first', () => { seen.push('first') })
        destructible.addDestructor('early', { end(): void { seen.push('early') } }, 'end')
        destructible.addDestructor('dropped', () => { seen.push('dropped') })
        destructible.removeDestructor('dropped')
        assert.equal(destructible.invokeDestructor('early'), true)
        assert.equal(destructible.invokeDestructor('early'), false)
        assert.deepEqual(destructible.getDestructors(), ['markDestroyed', 'first', 'second'])
        const [part, whole] = [destructible.rescue('part'), destructible.monitor('monitored')]
        part(null)
        assert.deepEqual([destructible.destroyed, destructible.waiting.length], [false, 1])
        destructible.completed.wait((...results) => { seen.push(results) })
        destructible.destroy()
        destructible.destroy()
        assert.deepEqual([target, seen], [{ destroyed: true }, ['early', 'first', 'second']])
        whole(null, 'result')
        assert.deepEqual(seen.slice(3), [[null, 'result']])
        destructible.addDestructor('late', () => { seen.push('late') })
        assert.equal(seen.at(-1), 'late')
        assert.equal(destructible.key, 'whole')
        assert.deepEqual(destructible.context, [{ extra: 1 }])
        assert.notEqual(destructible.instance, new Destructible().instance)
    })

    test('begins the end when a monitored part ends and reports the first error', () => {
        const destructible = new Destructible('whole')
        const seen: unknown[] = []
        destructible.addDestructor(['bad'], () => { throw new Error('destructor') })
        destructible.completed.wait((error) => { seen.push(error?.message) })
        const [first, second] = [destructible.monitor('first'), destructible.rescue('second')]
        first(new Error('part'))
        assert.deepEqual([destructible.destroyed, seen], [true, []])
        second()
        assert.deepEqual(seen, ['part'])
        assert.deepEqual(destructible.errors.map(({ message }) => message), ['part', 'destructor'])
        assert.equal(destructible.interrupts.length, 2)
        destructible.addContext('more')
        assert.deepEqual(destructible.context, ['more'])
    })

    test('gives up on callbacks that never come', (_context, done) => {
        const destructible = new Destructible(1, 'whole')
        destructible.monitor('lost')
        destructible.completed.wait((error) => {
            assert.match(error?.message ?? '', /^destructible#hung\n/)
            assert.deepEqual(destructible.waiting.map(({ key }) => key), ['lost'])
            done()
        })
        destructible.destroy()
    })
})

describe('happenstance', () => {
    test('emits the next time of a timer and the events that are due', () => {
        const scheduler = new Scheduler<{ n: number }>()
        const events = scheduler.events.shifter()
        scheduler.schedule(20, 'b', { n: 2 })
        scheduler.schedule(10, 'a', { n: 1 })
        scheduler.schedule(30, 'b', { n: 3 })
        assert.deepEqual([scheduler.next(), scheduler.when('b')], [10, 30])
        assert.equal(scheduler.when('c'), null)
        assert.deepEqual(scheduler.calendar().map(({ key, when }) => [key, when]),
            [['a', 10], ['b', 30]])
        assert.equal(scheduler.check(11), 1)
        scheduler.unschedule('b')
        scheduler.clear()
        const module = 'happenstance'
        const set = (when: number): SchedulerEvent => ({ module, method: 'set', body: { when } })
        const unset: SchedulerEvent = { module, method: 'unset', body: null }
        assert.deepEqual(drain(events), [
            set(20), set(10),
            { module, method: 'event', now: 11, key: 'a', when: 10, body: { n: 1 } },
            set(30), unset, unset
        ])
        assert.equal(scheduler.next(), null)
    })

    test('arms one timer by the clock, which stops with the calendar', (context) => {
        context.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1000 })
        const scheduler = new Scheduler<string>()
        const timer = new Timer(scheduler)
        scheduler.events.shifter().pump(timer, 'enqueue')
        const events = timer.events.shifter()
        scheduler.schedule(1050, 'a', 'body')
        context.mock.timers.tick(49)
        assert.equal(events.peek(), null)
        context.mock.timers.tick(1)
        assert.deepEqual(drain(events).map(({ key, now, body }) => [key, now, body]),
            [['a', 1050, 'body']])
        scheduler.schedule(1100, 'b', 'never')
        scheduler.clear()
        context.mock.timers.tick(100)
        timer.push({ module: 'happenstance', method: 'unset', body: null })
        assert.equal(events.shift(), null)
    })

    test('refuses keys that every object has', () => {
        for (const key of ['constructor', '__proto__', 'toString']) {
            assert.throws(() => { new Scheduler().schedule(1, key, null) }, TypeError, key)
            new Scheduler().schedule(1, `member ${key}`, null)
        }
    })

    test('loses the second event that a reader schedules during check', () => {
        const scheduler = new Scheduler<number>()
        scheduler.events.shifter().pump((event) => {
            if (event?.method === 'event' && event.body === 0) {
                scheduler.schedule(10, 'a', 1)
                scheduler.schedule(10, 'a', 2)
            }
        })
        scheduler.schedule(10, 'a', 0)
        assert.equal(scheduler.check(10), 1)
        assert.deepEqual([scheduler.when('a'), scheduler.next()], [10, null])
        assert.throws(() => { scheduler.schedule(11, 'a', 3) }, TypeError)
    })

    test('keeps all events that a reader schedules after check', () => {
        const scheduler = new Scheduler<number>()
        const events = scheduler.events.shifter()
        scheduler.schedule(10, 'a', 0)
        assert.equal(scheduler.check(10), 1)
        assert.equal(drain(events).length, 3)
        scheduler.schedule(10, 'a', 1)
        scheduler.schedule(10, 'a', 2)
        assert.equal(scheduler.check(10), 1)
    })

    test('exports its classes by name and as a whole', () => {
        assert.deepEqual(happenstance, { Scheduler, Timer })
        assert.ok(new Timer(new Scheduler()).events instanceof Procession)
    })
})
