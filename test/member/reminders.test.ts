import assert from 'node:assert/strict'
import { describe, mock, test } from 'node:test'
import { Kibitzer } from '../../src/index.js'
import { MemoryNetwork } from '../../src/transport/memory.js'
import { listen } from '../support/log-lines.js'
import '../support/silence.js'

/** The messages of the log lines `mistake`. */
function messages(lines: ReturnType<typeof listen>): readonly string[] {
    return lines.filter(({ name }) => name === 'mistake').map((line) => String(line.message))
}

describe('Reminders', () => {
    test('reports a forgotten listen', (context) => {
        mock.timers.enable({ apis: ['setTimeout'] })
        context.after(() => mock.timers.reset())
        const lines = listen(context)
        const [silent, listening] = [new Kibitzer({ id: 'a' }), new Kibitzer({ id: 'b' })]
        for (const kibitzer of [silent, listening]) {
            kibitzer.bootstrap('forgotten', null)
        }
        listening.listen()
        mock.timers.tick(1_000)
        assert.deepEqual(messages(lines).map((line) => line.slice(0, 42)), [
            'bootstrap was called, but listen was not: '
        ])
        silent.destroy()
        listening.destroy()
    })

    test('reports a forgotten naturalize', async (context) => {
        const lines = listen(context)
        const network = new MemoryNetwork()
        const members = ['a', 'b', 'c'].map((id) => new Kibitzer({ id }))
        context.after(() => {
            for (const member of members) {
                member.destroy()
            }
        })
        for (const member of members) {
            network.attach(member)
            member.listen()
        }
        const [a, b, c] = members as [Kibitzer, Kibitzer, Kibitzer]
        a.bootstrap('forgotten', { memory: 'a' })
        mock.timers.enable({ apis: ['setTimeout'] })
        context.after(() => mock.timers.reset())
        for (const newcomer of [b, c]) {
            await newcomer.join('forgotten', { memory: 'a' }, { memory: newcomer.id })
        }
        while (a.paxos.government.constituents.length < 2 || c.paxos.government.promise === '0/0') {
            mock.timers.tick(10)
            await new Promise((resolve) => setImmediate(resolve))
        }
        c.naturalize()
        mock.timers.tick(31_000)
        const told = messages(lines)
        assert.equal(told.length, 1)
        assert.match(told[0] ?? '', /admitted 30 s ago, but has not called naturalize\(\), so/)
    })
})
