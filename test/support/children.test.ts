import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'

const PARENT = `
import { spawn } from 'node:child_process'
import { endWithTests } from ${JSON.stringify(new URL('children.js', import.meta.url))}
const forever = ['-e', 'setInterval(() => {}, 1000)']
for (let count = 0; count < 2; ++count) {
    endWithTests(spawn(process.execPath, forever, { stdio: ['ignore', 'inherit', 'ignore'] }))
}
process.stdout.write('ready')
`

for (const [ending, code, signal] of [
    ['SIGTERM', null, 'SIGTERM'],
    ['an exit', 3, null]
] as const) {
    test(`children end with a test process that ends by ${ending}`, async () => {
        const source = ending === 'SIGTERM' ? PARENT : `${PARENT}
            process.stdin.once('end', () => process.exit(3)).resume()`
        const parent = spawn(process.execPath, ['--input-type=module', '--eval', source],
            { stdio: ['pipe', 'pipe', 'inherit'] })
        await once(parent.stdout, 'data')
        if (ending === 'SIGTERM') {
            parent.kill('SIGTERM')
        } else {
            parent.stdin.end()
        }
        // `close` follows the last process that holds the standard output.
        assert.deepEqual(await once(parent, 'close'), [code, signal])
    })
}
