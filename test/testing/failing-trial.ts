import { trial } from '../../src/testing/trial.js'
import { put, Store } from './store.js'

// A trial that fails, unless the environment variable REPAIRED is set. The first argument names the
// folder for the failed seed.
const [, , folder] = process.argv
const isRepaired = process.env['REPAIRED'] !== undefined
await trial({
    application: () => new Store(),
    workload: async (context) => {
        await put(context)
        if (context.round >= 20 && !isRepaired) {
            throw new Error('planted')
        }
    },
    seeds: [7], shrinks: 0, operations: 100, faults: { crash: 10, powerLoss: 4, amnesia: 4 },
    ...(folder === undefined ? {} : { folder })
})
