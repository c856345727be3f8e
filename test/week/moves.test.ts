import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Deployment } from './deployment.js'
import { waitsOf } from './words.js'

const PODS = ['pod-0', 'pod-1', 'pod-2']

/** Moves in life, in order. Clients write and read all the time, and compare all answers. */
const STEPS: Readonly<Record<string, (pods: Deployment) => Promise<void>>> = {
    'three pods move one after the other, and know addresses from their journals alone':
        async (pods) => {
            pods.listContacts(false)
            for (const id of PODS) {
                await pods.end(id, 'SIGTERM')
                pods.move(id)
                await pods.start(id)
                await pods.untilMoved()
                await pods.untilWhole(1)
            }
        },
    'two pods move at once': async (pods) => {
        const [first = '', second = ''] = PODS
        await Promise.all([pods.end(first, 'SIGKILL'), pods.end(second, 'SIGKILL')])
        for (const id of [first, second]) {
            pods.move(id)
            await pods.start(id)
        }
    },
    'all pods come back under new addresses, which the contacts list': async (pods) => {
        pods.listContacts(true)
        await Promise.all(PODS.map((id) => pods.end(id, 'SIGKILL')))
        for (const id of PODS) {
            pods.move(id)
        }
        for (const id of PODS) {
            await pods.start(id)
        }
    }
}

test('pods of a StatefulSet move', async (t: TestContext) => {
    const folder = mkdtempSync(join(tmpdir(), 'kibitz-moves-'))
    try {
        await using pods = new Deployment(folder)
        for (const id of PODS) {
            await pods.start(id)
        }
        await pods.untilWhole(1)
        const admissions = pods.admissions('pod-0')
        assert.deepEqual(Object.keys(admissions ?? {}).sort(), PODS)
        for (const [step, live] of Object.entries(STEPS)) {
            const begunAt = performance.now()
            await live(pods)
            await pods.untilMoved()
            await pods.untilWhole(1)
            await pods.untilWritten(20)
            const { longestMs, stalledMs } = await pods.longestWaits()
            const seconds = ((performance.now() - begunAt) / 1000).toFixed(1)
            t.diagnostic(`${step}: ${seconds} s; ${waitsOf(longestMs, stalledMs)}`)
            for (const id of PODS) {
                assert.deepEqual(pods.admissions(id), admissions, `${id} knows the same members`)
            }
        }
        await pods.untilLevel()
    } finally {
        rmSync(folder, { recursive: true })
    }
})
