import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Monotonic } from '../../src/index.js'
import { type TerminalLine, Terminals } from './terminals.js'

function tokenOf({ text }: TerminalLine): string {
    return /token (\S+)$/.exec(text)?.[1] ?? assert.fail(`There is no token in "${text}".`)
}

/** Asserts that the tokens of all lines with a token rise. */
function tokensRise({ lines }: Terminals): void {
    const tokens = lines.filter(({ text }) => text.includes('token ')).map(tokenOf)
    assert.ok(tokens.length > 1)
    assert.deepEqual(tokens, tokens.toSorted(Monotonic.compare))
}

describe('the recipes in three terminals', { timeout: 600_000 }, () => {
    test('give a lock on after SIGKILL, and after SIGSTOP of the holder', async () => {
        await using terminals = await Terminals.open('lock')
        const holds = ({ text }: TerminalLine): boolean => text.startsWith('holds the lock')
        for (const id of ['a', 'b', 'c']) {
            await terminals.line((line) => line.id === id && holds(line))
        }
        const stopped = await terminals.line(holds, terminals.lines.length)
        terminals.signal(stopped.id, 'SIGSTOP')
        const from = terminals.lines.length
        const next = await terminals.line((line) => holds(line) && line.id !== stopped.id, from)
        assert.ok(Monotonic.compare(tokenOf(next), tokenOf(stopped)) > 0)
        terminals.signal(stopped.id, 'SIGCONT')
        await terminals.line(({ id, text }) =>
            id === stopped.id && text === 'has lost the lock', from)
        await terminals.line((line) => line.id === stopped.id && holds(line), from)
        const killed = await terminals.line(holds, terminals.lines.length)
        terminals.signal(killed.id, 'SIGKILL')
        await terminals.line((line) => holds(line) && line.id !== killed.id, terminals.lines.length)
        tokensRise(terminals)
    })

    test('pass the leadership on after SIGKILL, and at once after SIGINT', async () => {
        await using terminals = await Terminals.open('leader')
        const leads = ({ text }: TerminalLine): boolean => text.startsWith('leads, token')
        const first = await terminals.line(leads)
        await terminals.line(({ text }) => text === 'works')
        terminals.signal(first.id, 'SIGKILL')
        const second = await terminals.line((line) => leads(line) && line.id !== first.id)
        await terminals.restart(first.id)
        terminals.signal(second.id, 'SIGINT')
        await terminals.line(({ id, text }) => id === second.id && text === 'leads no more')
        await terminals.line((line) => leads(line) && line.id !== second.id,
            terminals.lines.indexOf(second))
        tokensRise(terminals)
    })

    test('show each change of the configuration at each member, also at a new one', async () => {
        await using terminals = await Terminals.open('config')
        terminals.type('b', 'colour green')
        for (const id of ['a', 'b', 'c']) {
            await terminals.line((line) => line.id === id
                && /^sees colour = green, version \S+$/.test(line.text))
        }
        terminals.signal('c', 'SIGKILL')
        terminals.type('a', 'size 7')
        await terminals.line((line) => line.id === 'b' && line.text.startsWith('sees size = 7'))
        terminals.start('c')
        for (const entry of ['colour = green', 'size = 7']) {
            await terminals.line(({ id, text }) => id === 'c' && text === `has ${entry}`)
        }
        terminals.type('b', 'colour')
        await terminals.line(({ id, text }) => id === 'b' && text.startsWith('takes a key'))
        // The input is open, and the member ends all the same.
        assert.equal(await terminals.interrupt('b'), 0)
    })

    test('run each job once, and again after an error or a SIGKILL', async () => {
        await using terminals = await Terminals.open('jobs')
        const isFailed = ({ text }: TerminalLine): boolean => text.endsWith('0, attempt 2')
        await terminals.line(isFailed)
        const running = await terminals.line(({ text }) => text.endsWith('attempt 1'),
            terminals.lines.length)
        terminals.signal(running.id, 'SIGKILL')
        const again = running.text.replace('attempt 1', 'attempt 2')
        const { id } = await terminals.line(({ text }) => text === again)
        assert.notEqual(id, running.id)
        const runs = terminals.lines.filter(({ text }) => text.startsWith('runs '))
        assert.equal(new Set(runs.map(({ text }) => text)).size, runs.length)
        assert.equal(await terminals.interrupt(id), 0)
        const last = terminals.lines.filter((line) => line.id === id).slice(-5)
        assert.ok(last.every(({ text }) => !text.includes('destroyed')), JSON.stringify(last))
    })
})
