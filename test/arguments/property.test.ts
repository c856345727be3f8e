import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const CHILD = fileURLToPath(new URL('./child.js', import.meta.url))

/** The public methods and constructors, by the property of the child that tries them. */
const PROPERTIES: Readonly<Record<string, string>> = {
    'each value': 'each method of a Kibitzer, a Colleague and a Turnstile, one value at a time',
    kibitzer: 'the methods of a Kibitzer',
    recording: 'the methods of a Kibitzer with a journal, which then comes back as it was',
    colleague: 'the methods of a Colleague',
    newcomer: 'the methods of a Colleague that is in no republic',
    constructors: 'constructors and functions',
    keys: 'the methods of a KeyRing',
    network: 'the methods of a MemoryNetwork',
    journal: 'the methods of a FileJournal'
}

/** Runs a property in a child process, because a hostile callback may end the process. */
function run(property: string): Promise<{ readonly code: number | null, readonly said: string }> {
    const child = spawn(process.execPath, ['--enable-source-maps', CHILD, property], {
        stdio: ['ignore', 'ignore', 'pipe']
    })
    let said = ''
    child.stderr.on('data', (text: Buffer) => {
        said = `${said}${text}`.slice(0, 4000)
    })
    return new Promise((resolve) => {
        child.once('close', (code) => resolve({ code, said }))
    })
}

describe('arbitrary arguments work or fail with an error of the library, for', () => {
    for (const [property, what] of Object.entries(PROPERTIES)) {
        test(`${what}; the member then publishes`, async () => {
            const { code, said } = await run(property)
            assert.equal(code, 0, said)
        })
    }
})
