import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { WireCall } from '../../src/guard/envelope.js'
import { FlushGate } from '../../src/member/flush-gate.js'
import type { Played } from '../../src/member/inputs.js'
import { SendingRules } from '../../src/member/sending-rules.js'
import { Notebook, settled } from '../support/notebook.js'

/** The rules of a member whose journal waits for the test. */
class Sender {
    readonly journal = new Notebook()
    readonly gate = new FlushGate(this.journal)
    readonly islander = { sendsIdentities: true }
    readonly accepted = { through: 0 }
    readonly paxos: { disk: { isEarly: boolean, ballot: string | null, awaited: null } } =
        { disk: { isEarly: true, ballot: null, awaited: null } }
    readonly rules = new SendingRules(this.paxos, this.islander, this.gate, this.accepted)
    readonly left: string[] = []

    constructor() {
        this.journal.isHeld = true
    }

    play(method: 'revive' | 'publish'): void {
        const played = { module: 'kibitz', method, when: 0, body: {} } as unknown as Played
        this.gate.record(played)
        this.rules.onInput(played)
    }

    send(method: 'enqueue' | 'register' | 'synchronize' | 'prepare', moved?: object): void {
        const isBatch = method === 'enqueue'
        const body = (isBatch ? { entries: [] } : { method, moved }) as unknown as WireCall['body']
        this.rules.send(isBatch ? 'enqueue' : 'receive', body, () => this.left.push(method))
    }

    sendAll(): void {
        for (const method of ['enqueue', 'register', 'synchronize', 'prepare'] as const) {
            this.send(method)
        }
    }

    /** Begins a process that has sent something and whose records are on disk. */
    async begin(): Promise<void> {
        this.play('revive')
        this.send('enqueue')
        await this.flush()
        this.left.length = 0
    }

    async flush(): Promise<void> {
        await settled()
        this.journal.flushNow()
        await settled()
    }
}

describe('the calls of a member with a journal', () => {
    test('leave early only after the record by which the process began', async () => {
        const sender = new Sender()
        sender.play('revive')
        sender.sendAll()
        assert.deepEqual(sender.left, [])
        await sender.flush()
        assert.deepEqual(sender.left, ['enqueue', 'register', 'synchronize', 'prepare'])
    })

    test('leave before later records, but no ballot and no report of a move does', async () => {
        const sender = new Sender()
        await sender.begin()
        sender.play('publish')
        sender.sendAll()
        sender.send('register', {})
        assert.deepEqual(sender.left, ['enqueue', 'register', 'synchronize'])
        await sender.flush()
        assert.deepEqual(sender.left.slice(3), ['prepare', 'register'])
    })

    test('wait for the record of an election, and of the first identity', async () => {
        for (const change of [
            (sender: Sender) => { sender.paxos.disk = { ...sender.paxos.disk, ballot: '1/1/0' } },
            (sender: Sender) => { sender.islander.sendsIdentities = true }
        ]) {
            const sender = new Sender()
            sender.islander.sendsIdentities = false
            sender.play('revive')
            if (sender.paxos.disk.ballot === null) {
                sender.send('enqueue')
            }
            await sender.flush()
            sender.islander.sendsIdentities = true
            change(sender)
            sender.left.length = 0
            sender.play('publish')
            sender.send('enqueue')
            sender.send('register')
            assert.deepEqual(sender.left, [])
            await sender.flush()
            assert.deepEqual(sender.left, ['enqueue', 'register'])
        }
    })

    test('wait for the acceptance of committed entries at a member that does not write',
        async () => {
            const sender = new Sender()
            await sender.begin()
            sender.play('publish')
            sender.accepted.through = sender.gate.recorded
            sender.send('synchronize')
            assert.deepEqual(sender.left, [])
            await sender.flush()
            assert.deepEqual(sender.left, ['synchronize'])
        })

    test('wait for every record before the publisher gives identities', async () => {
        const sender = new Sender()
        sender.islander.sendsIdentities = false
        await sender.begin()
        sender.play('publish')
        sender.sendAll()
        assert.deepEqual(sender.left, [])
        await sender.flush()
        assert.equal(sender.left.length, 4)
    })
})
