import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { Colleague } from '../../src/index.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import { Counter } from './counter.js'
import type { Orders, Step } from './steps.js'

const { folder, port, through, dieAfter } = JSON.parse(process.argv[2] ?? '{}') as Orders

/** Kills the process without a word, if this is the step. */
function passed(step: Step): void {
    if (step === dieAfter) {
        process.kill(process.pid, 'SIGKILL')
        // What follows in this turn would follow the kill.
        for (;;) {}
    }
}

class Mortal extends Counter {
    override async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        const state = await text(chunks)
        await super.restore(Readable.from([Buffer.from(state)]))
        passed('state received')
    }

    override governed(...args: Parameters<Counter['governed']>): void {
        super.governed(...args)
        const [{ majority, minority }] = args
        if ([...majority, ...minority].includes('b')) {
            passed('seated')
        }
    }
}

const application = new Mortal()
const colleague = new Colleague<number>({
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
        passed('asked')
        return asked
    },
    snapshot: async (...args: Parameters<typeof snapshot>) => {
        await snapshot(...args)
        passed('snapshot stored')
    },
    naturalize: () => {
        naturalize()
        passed('naturalized')
    }
})
kibitzer.log.shifter().pump((entry) => {
    if (entry !== null && Object.hasOwn(kibitzer.paxos.government.properties, 'b')) {
        passed('joined')
    }
})
colleague.ended.catch((error: Error) => {
    process.send?.({ failed: error.message })
    process.exit(1)
})
await colleague.listen({ port })
await colleague.join({ through: [through] })
process.send?.({ joined: true })
