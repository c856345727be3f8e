import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { Colleague } from '../../src/index.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import { Counter } from './counter.js'
import type { NewcomerArguments, Step } from './admission-steps.js'
import '../support/silence.js'

const { folder, port, through, dieAfter } = JSON.parse(process.argv[2] ?? '{}') as NewcomerArguments

/** Kills this process with SIGKILL if `dieAfter` is the step. */
function killAfter(step: Step): void {
    if (step === dieAfter) {
        process.kill(process.pid, 'SIGKILL')
        // The signal arrives later: no code may run after the step.
        for (;;) {}
    }
}

class SelfKillingCounter extends Counter {
    override async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        const state = await text(chunks)
        await super.restore(Readable.from([Buffer.from(state)]))
        killAfter('state received')
    }

    override governed(...args: Parameters<Counter['governed']>): void {
        super.governed(...args)
        const [{ majority, minority }] = args
        if ([...majority, ...minority].includes('b')) {
            killAfter('seated')
        }
    }
}

const application = new SelfKillingCounter()
const colleague = new Colleague<unknown, number>({
    islandName: 'resumed', colleagueId: 'b', application, ping: 50, timeout: 250, patience: 60000,
    parliamentSize: 3, journal: new FileJournal(folder)
})
const { kibitzer } = colleague
const naturalize = kibitzer.naturalize.bind(kibitzer)
const snapshot = kibitzer.snapshot.bind(kibitzer)
const ask = kibitzer.join.bind(kibitzer)
Object.assign(kibitzer, {
    join: (...args: Parameters<typeof ask>) => {
        const asked = ask(...args)
        killAfter('asked')
        return asked
    },
    snapshot: async (...args: Parameters<typeof snapshot>) => {
        await snapshot(...args)
        killAfter('snapshot stored')
    },
    naturalize: () => {
        naturalize()
        killAfter('naturalized')
    }
})
kibitzer.log.shifter().pump((entry) => {
    if (entry !== null && Object.hasOwn(kibitzer.paxos.government.properties, 'b')) {
        killAfter('joined')
    }
})
colleague.ended.catch((error: Error) => {
    process.send?.({ failed: error.message })
    process.exit(1)
})
await colleague.listen({ port })
await colleague.join({ through: [through] })
process.send?.({ joined: true })
