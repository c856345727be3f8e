import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ExampleMembers } from '../examples/example-members.js'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const COMMAND = join(ROOT, 'dist/command/kibitz.js')

function kibitz(...args: readonly string[]) {
    return spawnSync(process.execPath, [COMMAND, ...args], { encoding: 'utf8' })
}

describe('kibitz example', { timeout: 60_000 }, () => {
    let folder = ''

    before(() => {
        folder = mkdtempSync(join(tmpdir(), 'kibitz-example-'))
        mkdirSync(join(folder, 'node_modules'))
        symlinkSync(ROOT, join(folder, 'node_modules/kibitz'))
    })

    after(() => rmSync(folder, { recursive: true }))

    /** Writes an example into the folder, as the user's shell does. */
    function write(name: string): string {
        const path = join(folder, `${name}.mjs`)
        writeFileSync(path, kibitz('example', name).stdout)
        return path
    }

    test('writes a service that runs beside an installed kibitz', async () => {
        await using members = new ExampleMembers(write('keyvalue'))
        const a = await members.start('a')
        const b = await members.start('b', a)
        const put = await b.ask('colour', { method: 'PUT', body: '"blue"' })
        assert.equal(put.status, 200)
        assert.deepEqual(await (await a.ask('colour')).json(), { value: 'blue' })
    })

    test('writes services that explain their arguments', () => {
        const { stdout } = kibitz('example', '--help')
        const names = [...stdout.matchAll(/^ {2}(\w+)$/gm)].map(([, name = '']) => name)
        assert.deepEqual(names, ['config', 'jobs', 'keyvalue', 'leader', 'lock'])
        for (const name of names) {
            const path = write(name)
            const help = execFileSync(process.execPath, [path, '--help'], { encoding: 'utf8' })
            const more = name === 'keyvalue' ? 'PEERS \\.\\.\\.' : 'PORTS'
            assert.match(help, new RegExp(`^node ${name}\\.mjs ID \\[${more}\\]\n\n  ID `))
            const { status, stdout } = spawnSync(process.execPath, [path])
            assert.deepEqual([status, String(stdout)], [2, help])
            if (name !== 'keyvalue') {
                const wrong = spawnSync(process.execPath, [path, 'a', '7001,7OO2,7003'])
                assert.deepEqual([wrong.status, String(wrong.stdout)], [2, help])
            }
        }
    })

    test('names the examples if the name is missing or wrong', () => {
        for (const [args, text] of [
            [[], 'Name one example.'],
            [['keyvalue', 'lock'], 'Name one example.'],
            [['../command/kibitz'], 'There is no example ../command/kibitz.']
        ] as const) {
            const { status, stdout, stderr } = kibitz('example', ...args)
            const help = 'Choose one of: config, jobs, keyvalue, leader, lock. '
                + 'See kibitz example --help.'
            assert.deepEqual([status, stdout, stderr], [2, '', `kibitz: ${text} ${help}\n`])
        }
    })
})
