import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { assignLineLog, type LineLogger, LineLog, toLogger } from '../../src/base/line-log.js'
import { MemberLogger } from '../../src/base/member-logger.js'
import { Colleague, Kibitzer, logSink } from '../../src/index.js'
import { MemoryNetwork } from '../../src/transport/memory.js'
import { Counter } from '../colleague/counter.js'
import '../support/silence.js'

interface Line {
    readonly level: string
    readonly text: string
}

/** A logger in the form of pino: the methods need their `this`, and take an object or a text. */
class Pino implements LineLogger {
    readonly lines: Line[] = []
    info(...given: unknown[]): void { this.#add('info', given) }
    warn(...given: unknown[]): void { this.#add('warn', given) }
    error(...given: unknown[]): void { this.#add('error', given) }
    #add(level: string, given: unknown[]): void {
        assert.equal(given.length, 1)
        this.lines.push({ level, text: String(given[0]) })
    }
}

/** Runs a member that founds a republic and rejects a message. */
async function live(logger: LineLogger | false | null | undefined): Promise<void> {
    const kibitzer = new Kibitzer({ id: 'b', ...(logger === undefined ? {} : { logger }) })
    kibitzer.listen()
    kibitzer.bootstrap('orders', null)
    await kibitzer.barrier()
    await kibitzer.request({})
    kibitzer.destroy()
}

/** The lines on `console.error` until the test ends, under a value of `KIBITZ_LOG`. */
function console_(context: TestContext, threshold: string): string[] {
    const before = process.env['KIBITZ_LOG']
    process.env['KIBITZ_LOG'] = threshold
    context.after(() => {
        process.env['KIBITZ_LOG'] = before ?? ''
    })
    const lines: string[] = []
    context.mock.method(console, 'error', (line: string) => void lines.push(line))
    return lines
}

const GOVERNMENT = 'kibitz b@orders: government 1/0: b leads; voters b; without a vote none'
const REJECTED = /^kibitz b@orders: a message was rejected \(missing-field\) at /

describe('the logger of a member', () => {
    test('takes one readable text for each line, in the form of pino', async () => {
        const pino = new Pino()
        await live(pino)
        assert.deepEqual(pino.lines[0], { level: 'info', text: GOVERNMENT })
        assert.equal(pino.lines[1]?.level, 'warn')
        assert.match(pino.lines[1]?.text ?? '', REJECTED)
        assert.equal(pino.lines.length, 2)
    })

    test('may be console', async (context) => {
        const lines: unknown[][] = []
        for (const level of ['info', 'warn'] as const) {
            context.mock.method(console, level, (...given: unknown[]) => void lines.push(given))
        }
        await live(console)
        assert.deepEqual(lines[0], [GOVERNMENT])
        assert.match(String(lines[1]), REJECTED)
    })

    for (const silent of [false, null] as const) {
        test(`is silent if it is ${String(silent)}`, async (context) => {
            const lines = console_(context, '')
            await live(silent)
            assert.deepEqual(lines, [])
        })
    }

    test('is standard error by default, for warnings and governments', async (context) => {
        const lines = console_(context, '')
        await live(undefined)
        assert.equal(lines[0], GOVERNMENT)
        assert.match(lines[1] ?? '', REJECTED)
        assert.equal(lines.length, 2)
    })

    for (const [threshold, count] of [['none', 0], ['error', 0], ['warn', 1], ['info', 2]]) {
        test(`obeys KIBITZ_LOG=${threshold}`, async (context) => {
            const lines = console_(context, String(threshold))
            await live(undefined)
            assert.equal(lines.length, count)
        })
    }

    test('names the service of a Colleague, and its run once the run is known', async () => {
        const pino = new Pino()
        const network = new MemoryNetwork()
        const colleague = new Colleague({
            islandName: 'orders', colleagueId: 'a', application: new Counter(), logger: pino
        })
        await colleague.attach(({ kibitzer }) => {
            network.attach(kibitzer)
            return { properties: { memory: 'a' }, ask: () => Promise.reject(new Error('none')),
                close: () => Promise.resolve() }
        })
        await colleague.bootstrap({ islandId: 'run' })
        colleague.destroy()
        await colleague.ended
        const expected = 'kibitz a@orders/run: government 1/0: a leads; voters a; ' +
            'without a vote none'
        assert.equal(pino.lines[0]?.text, expected)
    })

    test('receives no government from a replay', () => {
        const [pino, tape] = [new Pino(), [] as string[]]
        const kibitzer = new Kibitzer({ id: 'b', logger: false })
        kibitzer.played.shifter().pump((played) => {
            if (played !== null) {
                tape.push(JSON.stringify(played))
            }
        })
        kibitzer.listen()
        kibitzer.bootstrap('orders', null)
        kibitzer.destroy()
        const again = new Kibitzer({ id: 'b', logger: pino })
        for (const line of tape) {
            again.replay(JSON.parse(line))
        }
        assert.equal(again.paxos.government.promise, '1/0')
        assert.deepEqual(pino.lines, [])
    })

    test('must have the methods of a logger', () => {
        const logger = { info: () => {} } as unknown as LineLogger
        assert.throws(() => new Kibitzer({ id: 'b', logger }), /logger must be false, null, or an/)
    })
})

describe('a LineLog', () => {
    test('leaves out repeated lines, and states their number', () => {
        const pino = new Pino()
        let now = 0
        const log = new LineLog(toLogger(pino), () => now)
        for (let count = 1; count <= 35; count++) {
            log.write('warn', 'server', { id: 'a', republic: null }, { message: count })
        }
        assert.equal(pino.lines.length, 10)
        log.write('error', 'failure', { id: 'a', republic: null }, { code: 'x', message: 'y' })
        assert.equal(pino.lines.length, 11)
        now = 10_000
        log.write('warn', 'server', { id: 'a', republic: null }, { message: 36 })
        assert.equal(
            pino.lines.at(-1)?.text,
            'kibitz a: a connection could not be accepted: 36 (25 similar lines were left out)'
        )
    })

    test('writes one printable line of bounded length', () => {
        const pino = new Pino()
        const log = new LineLog(toLogger(pino))
        const message = `one\ntwo\u001b[2J${'x'.repeat(10_000)}`
        log.write('warn', 'server', { id: 'a', republic: 'r\n' }, { message })
        const text = pino.lines[0]?.text ?? ''
        assert.ok(text.startsWith(
            'kibitz a@r\\u000a: a connection could not be accepted: one\\u000atwo\\u001b[2Jxxx'
        ))
        assert.ok(text.length < 2_100)
    })

    test('survives a logger that throws', async (context) => {
        const errors: unknown[] = []
        const caught = new Promise<void>((resolve) => {
            const listeners = process.listeners('uncaughtException')
            process.removeAllListeners('uncaughtException')
            context.after(() => {
                for (const listener of listeners) {
                    process.on('uncaughtException', listener)
                }
            })
            process.once('uncaughtException', (error) => {
                errors.push(error.message)
                resolve()
            })
        })
        const log = new LineLog(() => { throw new Error('mine') })
        log.write('warn', 'server', { id: 'a', republic: null }, {})
        await caught
        assert.deepEqual(errors, ['mine'])
    })

    test('receives no line that the level of the sink drops', (context) => {
        const pino = new Pino()
        const member = { id: 'a', republic: null }
        assignLineLog(member, new LineLog(toLogger(pino)))
        context.after(() => logSink.clearLevel('quiet'))
        logSink.setLevel('quiet', 'error')
        new MemberLogger('quiet', () => member).warn('server', {})
        new MemberLogger('quiet', () => member).error('server', { message: 'one' })
        new MemberLogger('quiet', () => ({ id: 'b', republic: null })).error('server', {})
        assert.deepEqual(pino.lines, [
            { level: 'error', text: 'kibitz a: a connection could not be accepted: one' }
        ])
    })
})
