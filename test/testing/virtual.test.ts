import assert from 'node:assert/strict'
import { randomBytes, randomFill, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { virtual } from '../../src/testing/virtual.js'

function after(ms: number): Promise<void> {
    return promisify(setTimeout)(ms)
}

describe('virtual', () => {
    test('lets an hour pass at once, for all clocks', async () => {
        const real = performance.now()
        const passed = await virtual(async () => {
            const [wall, steady, precise] = [Date.now(), performance.now(), process.hrtime()]
            await after(3_600_000)
            const [seconds] = process.hrtime(precise)
            return [Date.now() - wall, performance.now() - steady, seconds]
        })
        assert.deepEqual(passed, [3_600_000, 3_600_000, 3600])
        assert.ok(performance.now() - real < 60_000)
    })

    test('fires timers in order, intervals and immediates too', async () => {
        const events = await virtual(async () => {
            const seen: string[] = []
            const interval = setInterval(() => seen.push(`tick ${performance.now()}`), 10)
            setTimeout(() => seen.push('late'), 25)
            const never = setTimeout(() => seen.push('never'), 5)
            clearTimeout(Number(never))
            setImmediate(() => seen.push('immediate'))
            await after(35)
            clearInterval(interval)
            await after(100)
            return seen
        })
        assert.deepEqual(events, ['immediate', 'tick 10', 'tick 20', 'late', 'tick 30'])
    })

    test('aborts AbortSignal.timeout on virtual time', async () => {
        const reason = await virtual(() => new Promise((resolve) => {
            const signal = AbortSignal.timeout(5000)
            signal.addEventListener('abort', () =>
                resolve([(signal.reason as Error).name, performance.now()]))
        }))
        assert.deepEqual(reason, ['TimeoutError', 5000])
    })

    test('draws the same random numbers for the same seed', async () => {
        const draw = (): unknown => [
            Math.random(), randomBytes(8).toString('hex'), randomUUID(),
            crypto.randomUUID(), [...crypto.getRandomValues(new Uint8Array(4))]
        ]
        const filled = (): Promise<unknown> => promisify(randomFill)(new Uint8Array(4))
        assert.deepEqual(await virtual(filled), await virtual(filled))
        const [one, same, other] =
            [await virtual(draw), await virtual(draw), await virtual(draw, { seed: 2 })]
        assert.deepEqual(one, same)
        assert.notDeepEqual(one, other)
    })

    test('knows dates of both clocks as dates', async () => {
        const [real, made] = await virtual(() => [new Date(0) instanceof Date, new Date()])
        assert.equal(real, true)
        assert.ok(made instanceof Date)
        assert.equal(made.toISOString(), '2030-01-01T00:00:00.000Z')
    })

    test('waits for the calls of the system', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'kibitz-virtual-'))
        const path = join(folder, 'file')
        const [contents, at] = await virtual(async () => {
            await writeFile(path, 'contents')
            return [await readFile(path, 'utf8'), performance.now()]
        })
        rmSync(folder, { recursive: true })
        assert.deepEqual([contents, at], ['contents', 0])
    })

    test('rejects like the function, and after its limit', async () => {
        await assert.rejects(virtual(() => Promise.reject(new Error('planted'))), /planted/)
        await assert.rejects(virtual(() => new Promise(() => {})), { code: 'timed-out' })
        await assert.rejects(virtual(() => 1, { hours: -1 }), { code: 'invalid-argument' })
    })
})
