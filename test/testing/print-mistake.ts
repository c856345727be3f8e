import { trial } from '../../src/testing/trial.js'
import { Store } from './store.js'

// Prints the message of a trial whose workload forgets to await a publish.
const error = await trial({
    application: () => new Store(), seeds: 20, operations: 30, shrinks: 5, faults: { crash: 20 },
    workload: ({ client }) => {
        void client(1).publish({ key: 'a', value: 1 })
    }
}).catch((reason: unknown) => reason)
process.stdout.write(error instanceof Error ? error.message : 'no error')
