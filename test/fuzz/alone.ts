// Run by itself, in a process without `__proto__` whose prototypes are frozen.
import { fuzz } from './fuzz.js'

for (const prototype of [Object.prototype, Array.prototype, String.prototype, Map.prototype]) {
    Object.freeze(prototype)
}
const { runs } = fuzz(20_260_104, 50_000)
process.stdout.write(`${runs} mutants\n`)
