import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, type TestContext, test } from 'node:test'
import { type Application, Colleague, inMemory, KibitzError } from '../../src/index.js'
import { MemoryNetwork } from '../../src/transport/memory.js'
import { listen } from '../support/log-lines.js'
import '../support/silence.js'

type Apply = Application['apply']

/** A Colleague of a service, not started. */
function make(application: Partial<Application> = {}, colleagueId: string = 'a'): Colleague {
    return new Colleague({
        islandName: 'mistakes', colleagueId,
        application: {
            apply: () => null, snapshot: () => '', restore: async () => {}, ...application
        }
    })
}

/** A Colleague that is a republic of one member, until the test ends. */
async function started(
    context: TestContext, application: Partial<Application> = {}, network = new MemoryNetwork()
): Promise<Colleague> {
    const colleague = make(application)
    context.after(async () => {
        colleague.destroy()
        await colleague.ended.catch(() => {})
    })
    await colleague.start({ attach: inMemory(network), founders: ['a'] })
    return colleague
}

/** The error of a call that is refused. */
async function refusal(call: () => unknown): Promise<KibitzError> {
    try {
        await call()
    } catch (error) {
        assert.ok(error instanceof KibitzError)
        assert.equal(error.code, 'invalid-argument')
        return error
    }
    throw new Error('the call was not refused')
}

/** Waits, turn by turn, until a condition is true. */
async function until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) {
        await new Promise((resolve) => setImmediate(resolve))
    }
}

/** The messages of the log lines `mistake`. */
function mistakes(lines: ReturnType<typeof listen>): readonly string[] {
    return lines.filter(({ name }) => name === 'mistake').map((line) => String(line.message))
}

describe('a call before start', () => {
    for (const method of ['publish', 'publishAll', 'barrier', 'read'] as const) {
        test(`${method} names start`, async () => {
            const colleague = make()
            const calls = {
                publish: () => colleague.publish(1),
                publishAll: () => colleague.publishAll([1]),
                barrier: () => colleague.barrier(),
                read: () => colleague.read()
            }
            const { message } = await refusal(calls[method])
            assert.match(message, new RegExp(`^${method} was called before start`))
            assert.match(message, /Nothing was published; first await colleague\.start\(/)
            colleague.destroy()
        })
    }

    test('join and bootstrap name listen', async () => {
        const colleague = make()
        for (const call of [
            () => colleague.bootstrap(), () => colleague.join({ through: ['127.0.0.1:1'] })
        ]) {
            const { message } = await refusal(call)
            assert.match(message, /has no transport yet\. Nothing was done; call listen first/)
        }
        colleague.destroy()
    })
})

describe('an address', () => {
    const REFUSED: readonly (readonly [string, RegExp])[] = [
        ['ftp://one:7000', /ftp:\/\/one:7000 has the scheme ftp: write host:port, or a url with/],
        ['http:/one:7000', /http:\/one:7000 needs two slashes after http: write http:\/\/one:7000/],
        ['https://one:7000', /https:\/\/one:7000 needs TLS, but this member has no option tls/]
    ]
    for (const [address, message] of REFUSED) {
        test(`${address} is refused with its reason`, async () => {
            const colleague = make()
            const start = () => colleague.start({ port: 0, through: [address] })
            assert.match((await refusal(start)).message, message)
            colleague.destroy()
        })
    }

    test('in a text instead of a list is refused with an example', async () => {
        const colleague = make()
        const through = 'one:7000' as unknown as readonly string[]
        const { message } = await refusal(() => colleague.start({ port: 0, through }))
        assert.match(message, /through must be a list of addresses, such as \['host:port'\], or a /)
        assert.match(message, /not a string/)
        colleague.destroy()
    })
})

describe('a call inside apply', () => {
    const CALLS: readonly (readonly [string, (colleague: Colleague) => Promise<unknown>])[] = [
        ['publish', (colleague) => colleague.publish('inner')],
        ['publishAll', (colleague) => colleague.publishAll(['inner'])],
        ['barrier', (colleague) => colleague.barrier()],
        ['read', (colleague) => colleague.read()]
    ]
    const APPLIES: readonly (readonly [string, (call: () => Promise<unknown>) => Apply])[] = [
        ['at once', (call) => ({ body }) => (body === 'outer' ? call() : null)],
        ['after an await', (call) => async ({ body }) => {
            await new Promise((resolve) => setImmediate(resolve))
            return body === 'outer' ? await call() : null
        }]
    ]
    for (const [method, call] of CALLS) {
        for (const [when, applyWith] of APPLIES) {
            test(`of ${method} ${when} is rejected, and stops the member`, async (context) => {
                const lines = listen(context)
                const inner = (): Promise<unknown> => call(colleague)
                const colleague = await started(context, { apply: applyWith(inner) })
                colleague.ended.catch(() => {})
                const failed = await colleague.publish('outer').catch((error) => error)
                assert.equal(failed.code, 'application-failed')
                const { message } = failed.cause
                assert.match(message, new RegExp(`^${method} was called inside apply`))
                assert.match(message, /forever\. Nothing was published\. Return a result from/)
                assert.deepEqual(mistakes(lines), [message])
            })
        }
    }

    test('does not count after apply has ended, although apply began the call', async (context) => {
        const callLater: (() => void)[] = []
        const later = new Promise((resolve) => {
            callLater.push(() => resolve(colleague.publish('later')))
        })
        const colleague: Colleague = await started(context, {
            apply: ({ body }) => {
                if (body === 'outer') {
                    setImmediate(() => callLater[0]?.())
                }
                return Promise.resolve()
            }
        })
        await colleague.publish('outer')
        await later
    })
})

describe('validate', () => {
    const valid = (body: unknown): unknown => {
        if (body !== 'good') {
            throw new TypeError('the body must be good')
        }
        return body
    }

    test('refuses a value at its publisher, and the members continue', async (context) => {
        const colleague = await started(context, { apply: ({ body }) => body, validate: valid })
        const { message, cause } = await refusal(() => colleague.publish('bad'))
        assert.equal(message, 'The application refuses the value: the body must be good. Nothing '
            + 'was published; correct the value.')
        assert.ok(cause instanceof TypeError)
        const list = await refusal(() => colleague.publishAll(['good', 'bad']))
        assert.match(list.message, /^The application refuses values\[1\]: the body must be good/)
        assert.equal((await colleague.publish('good')).result, 'good')
        assert.equal(colleague.kibitzer.status().committed, '1/1')
    })

    test('refuses by the result false', async (context) => {
        const colleague = await started(context, { validate: (body) => body === 'good' })
        await colleague.publish('good')
        assert.match((await refusal(() => colleague.publish('bad'))).message, /returned false/)
    })

    test('must decide at once', async (context) => {
        const late = (): Promise<never> => Promise.reject(new Error('planted'))
        const colleague = await started(context, { validate: late })
        const { message } = await refusal(() => colleague.publish('good'))
        assert.match(message, /validate returned a promise, but must decide at once/)
    })

    test('receives the value as apply does', async (context) => {
        const seen: unknown[] = []
        const colleague = await started(context, {
            validate: (body) => void seen.push(body),
            apply: ({ body }) => void seen.push(body)
        })
        await colleague.publish({ at: new Date(0), none: undefined })
        assert.deepEqual(seen[0], { at: '1970-01-01T00:00:00.000Z' })
        assert.equal(seen[0], seen[1])
    })
})

describe('a value that JSON cannot hold', () => {
    const own: Record<string, unknown> = {}
    own.self = own
    const REFUSED: readonly (readonly [string, unknown, RegExp])[] = [
        ['a Map', { items: [0, 0, 0, { seen: new Map() }] }, /\.items\[3\]\.seen holds a Map/],
        ['a Set', new Set(), /it holds a Set, an instance of a class/],
        ['an invalid Date', [new Date(Number.NaN)], /\[0\] holds an invalid date/],
        ['a cycle', { own }, /\.own\.self refers back to \.own, a cycle/],
        ['undefined in a list', { list: [undefined] }, /\.list\[0\] holds undefined/],
        ['undefined', undefined, /takes a value, not null/],
        ['a bigint', { n: 1n }, /\.n holds a bigint/],
        ['a function', { f: () => 1 }, /\.f holds a function/],
        ['NaN', { n: Number.NaN }, /\.n holds NaN/]
    ]
    for (const [what, value, message] of REFUSED) {
        test(`${what} is refused with its path`, async (context) => {
            const colleague = await started(context)
            const error = await refusal(() => colleague.publish(value))
            assert.match(error.message, message)
            assert.match(error.message, /Nothing was published/)
        })
    }
})

describe('two members with one id', () => {
    test('the second one names the id and what to do', async (context) => {
        const lines = listen(context)
        const [first, second] = [make(), make()]
        context.after(async () => {
            for (const colleague of [first, second]) {
                colleague.destroy()
                await colleague.ended
            }
        })
        const { properties } = await first.listen({ port: 0 })
        await first.bootstrap()
        second.start({ port: 0, through: [String(properties['url'])] })
        await until(() => mistakes(lines).length > 0)
        const text = /^another citizen still has the id a: if two members run under this id, stop/
        assert.match(mistakes(lines)[0] ?? '', text)
        const { admission } = await second.health()
        assert.match(admission?.obstacle ?? '', text)
    })
})

describe('a start that rejects because the member has stopped', () => {
    const PROGRAM = `
        import { Colleague } from '${new URL('../../src/index.js', import.meta.url)}'
        const application = {
            apply() {}, snapshot: () => '', restore() {},
            governed() { throw new Error('planted') }
        }
        const colleague = new Colleague({ islandName: 'i', colleagueId: 'a', application })
        const starting = colleague.start({ port: 0, founders: ['a'] })
        if (process.argv.includes('handled')) {
            await starting.catch((error) => console.log('handled', error.code))
        }
        process.once('beforeExit', () => console.log('survived'))
    `
    const run = (...args: readonly string[]) => spawnSync(process.execPath, [
        '--input-type=module', '--eval', PROGRAM, '--', ...args
    ], { encoding: 'utf8', timeout: 30_000 })

    test('leaves the process alive if the rejection is handled', () => {
        const { stdout, status } = run('handled')
        assert.deepEqual([stdout, status], ['handled application-failed\nsurvived\n', 0])
    })

    test('ends the process if the rejection is not handled', () => {
        const { stdout, stderr, status } = run()
        assert.deepEqual([stdout, status], ['', 1])
        assert.match(stderr, /The application threw in apply|application-failed/)
    })
})
