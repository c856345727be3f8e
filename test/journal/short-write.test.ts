import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The largest file of the process, in blocks of 512 bytes. */
const LIMIT = 40

test('a batch of which the system takes a part leaves no bytes in the segment', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kibitz-short-write-'))
    const path = join(folder, 'segment')
    const child = fileURLToPath(new URL('short-write.js', import.meta.url))
    try {
        const { stdout } = await run('sh', [
            '-c', `ulimit -f ${LIMIT}; exec "$0" "$1" "$2"`, process.execPath, child, path
        ])
        const { stable, code } = JSON.parse(stdout) as { stable: number, code: string }
        assert.equal(code, 'EFBIG')
        assert.ok(stable > 3000, `${stable} bytes were stable`)
        const bytes = await readFile(path)
        assert.equal(bytes.length, stable, 'a part of the failed batch stays')
        assert.ok(bytes.every((byte) => byte === 97))
    } finally {
        await rm(folder, { recursive: true })
    }
})
