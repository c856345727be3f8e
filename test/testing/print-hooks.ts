import { executionAsyncId } from 'node:async_hooks'
import { trial } from '../../src/testing/trial.js'
import { put, Store } from './store.js'

// Prints whether Node followed the promises of a trial, after a trial with an application that is
// asynchronous. Without hooks, the continuation of a promise has the number 0.
const slow = { seeds: 1, operations: 20, faults: { slowApply: 60 } }
await trial({ application: () => new Store(), workload: put, ...slow })
const numbers = new Set<number>()
await trial({
    application: () => new Store(), seeds: 1, operations: 20, faults: 'none',
    workload: async (context) => {
        await put(context)
        numbers.add(executionAsyncId())
    }
})
process.stdout.write([...numbers].join())
