import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { endWithTests } from './children.js'

const PROCESSES = 4
const PORTS = 200

const DRAWER = `
import { freePorts } from ${JSON.stringify(new URL('free-port.js', import.meta.url))}
const halves = await Promise.all([freePorts(${PORTS / 2}), freePorts(${PORTS / 2})])
console.log(JSON.stringify(halves.flat()))
process.stdin.resume()
`

/** Draws ports in a process that lives on, and tells the ports and how to end the process. */
async function draw(): Promise<{ readonly ports: number[]; readonly end: () => void }> {
    const drawer = endWithTests(spawn(
        process.execPath, ['--input-type=module', '--eval', DRAWER],
        { stdio: ['pipe', 'pipe', 'inherit'] }
    ))
    for await (const line of createInterface(drawer.stdout)) {
        return { ports: JSON.parse(line) as number[], end: () => drawer.stdin.end() }
    }
    throw new Error('the process ended without ports')
}

test('no two processes, and no two draws of a process, get one port', async () => {
    const drawn = await Promise.all(Array.from({ length: PROCESSES }, draw))
    for (const { end } of drawn) {
        end()
    }
    const ports = drawn.flatMap((each) => each.ports)
    assert.equal(ports.length, PROCESSES * PORTS)
    assert.equal(new Set(ports).size, ports.length)
})
