// Run by itself, in a process without `__proto__` whose prototypes are frozen.
import assert from 'node:assert/strict'
import { guards, samples } from './samples.js'

const results = (): boolean[] => samples.map(({ guard, value }) => guards[guard](value).ok)

const before = results()
for (const prototype of [Object.prototype, Array.prototype, String.prototype]) {
    Object.freeze(prototype)
}
assert.deepEqual(results(), before)
assert(before.every((result) => result))
process.stdout.write(`${before.length} samples\n`)
