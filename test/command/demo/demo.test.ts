import assert from 'node:assert/strict'
import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process'
import {
    closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../../../src/command/kibitz.js', import.meta.url))

const UNREADABLE = 'The file cannot be read:'

const EXISTS = 'EEXIST: file already exists'

/** A run takes a few seconds on an idle machine. This machine may be busy. */
const DEADLINE_MS = 300_000

const folder = mkdtempSync(join(tmpdir(), 'kibitz-demo-'))
const started: ChildProcess[] = []
after(() => {
    for (const child of started) {
        child.kill('SIGKILL')
    }
    rmSync(folder, { recursive: true })
})

/** One run of the program. */
class Program {
    stdout = ''
    stderr = ''
    readonly child: ChildProcess
    /** Resolves with the exit code, or with the signal, after all processes have ended. */
    readonly end: Promise<number | string>

    constructor(args: readonly string[], stdin: 'ignore' | 'pipe' | number = 'ignore') {
        const stdio: StdioOptions = [stdin, 'pipe', 'pipe']
        this.child = spawn(process.execPath, [PROGRAM, ...args], { stdio })
        started.push(this.child)
        this.child.stdout?.setEncoding('utf8').on('data', (text) => { this.stdout += text })
        this.child.stderr?.setEncoding('utf8').on('data', (text) => { this.stderr += text })
        // Every member inherits standard error. So the streams close after the last process.
        this.end = new Promise((resolve) => {
            this.child.once('close', (code, signal) => resolve(code ?? signal ?? ''))
        })
    }

    /** Waits for a link on standard output. */
    async untilLink(): Promise<string> {
        for (;;) {
            const [link] = /^http:\S+(?=\n)/m.exec(this.stdout) ?? []
            if (link !== undefined) {
                return link
            }
            await new Promise<void>((resolve, reject) => {
                this.child.stdout?.once('data', () => resolve())
                this.end.then(() => reject(new Error(`There is no link: ${this.stderr}`)))
            })
        }
    }

    /** Waits until standard error matches the pattern; resolves with the match. */
    async until(pattern: RegExp): Promise<RegExpExecArray> {
        for (;;) {
            const match = pattern.exec(this.stderr)
            if (match !== null) {
                return match
            }
            await new Promise<void>((resolve, reject) => {
                this.child.stderr?.once('data', () => resolve())
                this.end.then(() => reject(new Error(`${pattern} is not in ${this.stderr}`)))
            })
        }
    }
}

/** The digests of the logs, by member. */
function hashes(table: string): Map<string, string> {
    return new Map([...table.matchAll(/^ {2}(\w) +[\d,]+ +([0-9a-f]{64})$/gm)]
        .map(([, id = '', hash = '']) => [id, hash]))
}

function assertResult(
    { stdout, stderr }: Pick<Program, 'stdout' | 'stderr'>, code: number | string, lines: number,
    name: string
): void {
    assert.equal(code, 0, `${stderr}\n${stdout}`)
    const amount = String(lines).replace(/\B(?=(\d{3})+$)/g, ',')
    assert.ok(stdout.includes(`${amount} lines of ${name}.\n`), stdout)
    const entries = `^ {2}entries +[\\d,]+: ${amount} lines, \\d+ governments, `
    assert.match(stdout, new RegExp(entries, 'm'))
    assert.match(stdout, /^ {2}throughput +[\d,]+ lines a second until .*, [\d,]+ over /m)
    assert.match(stdout, /^ {2}no leader +[\d,]+ ms, from SIGKILL for \w to [0-9a-f]+\/0, led by /m)
    assert.match(stdout, /^ {2}1\/0 +a +a founded the republic/m)
    assert.match(stdout, /\nThe logs are equal and complete: every line once, [^\n]*\n$/)
    const [killed = ''] = /(?<=SIGKILL for )\w/.exec(stdout) ?? []
    assert.match(stdout, new RegExp(`^ {2}[0-9a-f]+/0 .* ${killed} was exiled`, 'm'))
    const found = hashes(stdout)
    assert.equal(new Set(found.values()).size, 1)
    assert.ok(!found.has(killed))
}

describe('kibitz demo', { timeout: DEADLINE_MS }, () => {
    test('publishes the default text and loses no line with its leader', async () => {
        const program = new Program(['demo', '--lines', '300'])
        const code = await program.end
        assertResult(program, code, 300, 'the sources of the eight packages')
        assert.equal(hashes(program.stdout).size, 3)
        const pids = [...program.stderr.matchAll(/^ *[\d.]+ s {2}\w is process (\d+)$/gm)]
        const distinct = new Set([String(process.pid), ...pids.map(([, pid]) => pid)])
        assert.ok(distinct.size > 4, program.stderr)
        assert.match(program.stderr, /\bd immigrated$/m)
        assert.match(program.stderr, /\bd naturalized$/m)
        assert.match(program.stderr, /\b100 %, 300 of 300 lines$/m)
    })

    test('publishes standard input and survives the loss of another member', async () => {
        const lines = Array.from({ length: 1500 }, (_, index) =>
            ['', 'same', `${index} é`][index % 3])
        const program = new Program(['demo', '-'], 'pipe')
        program.child.stdin?.end(lines.join('\r\n'))
        const [, pid] = await program.until(/\bc is process (\d+)\n[\s\S]*\b10 %/)
        process.kill(Number(pid), 'SIGKILL')
        assertResult(program, await program.end, 1500, 'standard input')
        assert.match(program.stdout, /^ {2}[0-9a-f]+\/0 .* c was exiled/m)
        assert.equal(hashes(program.stdout).size, 3)
    })

    test('replaces a member that is exiled during its join', async () => {
        const program = new Program(['demo', '--lines', '300'])
        const [, pid] = await program.until(/\bc is process (\d+)\n[\s\S]*\bc immigrated/)
        process.kill(Number(pid), 'SIGSTOP')
        assertResult(program, await program.end, 300, 'the sources of the eight packages')
        assert.equal(hashes(program.stdout).size, 3)
        assert.match(program.stdout, /^ {2}[0-9a-f]+\/0 .* c was exiled/m)
    })

    test('publishes a file through the chosen number of members', async () => {
        const file = join(folder, 'text.txt')
        writeFileSync(file, 'one\n\n\nfour\none\n')
        const program = new Program(['demo', file, '--members', '4'])
        assertResult(program, await program.end, 5, file)
        assert.equal(hashes(program.stdout).size, 4)
    })

    test('loses no line if all members with journals are killed at once', async () => {
        const journals = join(folder, 'journals')
        const args = ['demo', '--lines', '600', '--journal', journals, '--kill-all']
        const program = new Program(args)
        assert.equal(await program.end, 0, `${program.stderr}\n${program.stdout}`)
        const { stdout, stderr } = program
        assert.match(stdout, /^ {2}throughput +[\d,]+ lines a second until all were killed, /m)
        const back = /^ {2}no member +[\d,]+ ms, .*: a from [\d,]+, b from .*, c from .* records$/m
        assert.match(stdout, back)
        assert.match(stdout, /\nThe logs are equal and complete: every line once, [^\n]*\n$/)
        assert.doesNotMatch(stdout, /exiled/)
        const found = hashes(stdout)
        assert.deepEqual([found.size, new Set(found.values()).size], [3, 1])
        assert.match(stderr, /SIGKILL for all: a, b, c$/m)
        const pids = [...stderr.matchAll(/^ *[\d.]+ s {2}\w is process (\d+)$/gm)]
        assert.equal(new Set(pids.map(([, pid]) => pid)).size, 6)
        assert.deepEqual(readdirSync(journals).sort(), ['a', 'b', 'c'])
        const again = new Program(args)
        assert.equal(await again.end, 2)
        assert.match(again.stderr, /journals is not empty\. /)
    })

    test('keeps the journals of all members after the loss of the leader', async () => {
        const journals = join(folder, 'others')
        const program = new Program(['demo', '--lines', '300', '--journal', journals])
        assertResult(program, await program.end, 300, 'the sources of the eight packages')
        assert.deepEqual(readdirSync(journals).sort(), ['a', 'b', 'c', 'd'])
    })

    test('serves a page about the run, until Ctrl-C', async () => {
        const program = new Program(['demo', '--lines', '300', '--inspect'])
        let overview = '"state":"reading"'
        let link = ''
        try {
            link = await program.untilLink()
            // The page opens before all inputs are read.
            while (/"state":"reading"|"reading":\{/.test(overview)) {
                overview = await fetch(`${link}api/overview`).then((response) => response.text())
            }
        } finally {
            program.child.kill('SIGINT')
        }
        const code = await program.end
        const [stdout = ''] = program.stdout.split(link)
        const { stderr } = program
        assertResult({ stdout, stderr }, code, 300, 'the sources of the eight packages')
        assert.match(overview, /"change":"a was exiled/)
    })

    test('ignores a silent standard input, and ends by Ctrl-C', async () => {
        const program = new Program(['demo'], 'pipe')
        await program.until(/\b10 %/)
        program.child.kill('SIGINT')
        assert.equal(await program.end, 130)
        assert.equal(program.stdout, '')
        assert.match(program.stderr, /The run was interrupted \(SIGINT\)\.\n$/)
    })

    test('ends all members on SIGTERM', async () => {
        const program = new Program(['demo'])
        await program.until(/\b1\/0: a founded/)
        program.child.kill('SIGTERM')
        assert.equal(await program.end, 143)
        assert.match(program.stderr, /The run was interrupted \(SIGTERM\)\.\n$/)
    })

    test('ends all members if the demo is killed', async () => {
        const program = new Program(['demo'])
        await program.until(/\b1\/0: a founded/)
        program.child.kill('SIGKILL')
        assert.equal(await program.end, 'SIGKILL')
    })
})

describe('the program', { timeout: DEADLINE_MS }, () => {
    const empty = join(folder, 'empty.txt')
    const long = join(folder, 'long.txt')
    const none = join(folder, 'none.txt')
    writeFileSync(empty, '')
    writeFileSync(long, `short\n${'x'.repeat(65_537)}`)

    for (const [args, says] of [
        [['frobnicate'], 'There is no command frobnicate.'],
        [['member', 'a'], 'Only kibitz demo starts members.'],
        [['demo', '--lines', '0'], '--lines takes a whole number from 1 to 1000000, not 0.'],
        [['demo', '--frobnicate'], "Unknown option '--frobnicate'."],
        [['demo', '--kill-all'],
            '--kill-all needs --journal: members restart from their journals.'],
        [['demo', '--journal', empty],
            `The folder for the journals cannot be used: ${EXISTS}, mkdir '${empty}'.`],
        [['demo', empty], `${empty} contains no line.`],
        [['demo', long], `Line 2 of ${long} is longer than 65536 characters.`],
        [['demo', folder], `${UNREADABLE} EISDIR: illegal operation on a directory, read.`],
        [['demo', none], `${UNREADABLE} ENOENT: no such file or directory, open '${none}'.`]
    ] as const) {
        test(`refuses ${args.join(' ').replaceAll(folder, '') || 'nothing'}`, async () => {
            const program = new Program(args)
            assert.equal(await program.end, 2)
            const help = args[0] === 'demo' ? 'kibitz demo --help' : 'kibitz --help'
            assert.equal(program.stderr, `kibitz: ${says} See ${help}.\n`)
            assert.equal(program.stdout, '')
        })
    }

    test('refuses a standard input without a line', async () => {
        const descriptor = openSync(empty, 'r')
        const program = new Program(['demo'], descriptor)
        closeSync(descriptor)
        assert.equal(await program.end, 2)
        assert.match(program.stderr, /^kibitz: standard input contains no line\. /)
    })

    test('prints help and the version', async () => {
        const manifest: unknown = JSON.parse(
            readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'))
        for (const [args, pattern] of [
            [['--help'], /^kibitz <command> \[options\]\n[\s\S]*\n {2}demo /],
            [['-h'], /^kibitz <command> \[options\]\n/],
            [['demo', '--help'], /^kibitz demo \[options\] \[file\]\n[\s\S]*--lines N/],
            [['--version'], /^\d+\.\d+\.\d+\S*\n$/]
        ] as const) {
            const program = new Program(args)
            assert.deepEqual([await program.end, program.stderr], [0, ''])
            assert.match(program.stdout, pattern)
            if (args[0] === '--version') {
                assert.equal(typeof manifest === 'object' && manifest !== null
                    && 'version' in manifest && `${manifest.version}\n`, program.stdout)
            }
        }
    })
})
