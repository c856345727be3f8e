import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { isAbsolute, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testsFor } from './reach.js'
import { read } from '../style/project.js'

const HELP = `\
npm run test:for -- FILE ... [--list]

  Runs every test that reaches one of these files through imports, the nearest first.
  --list prints the tests and runs none.
`

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Runs the tests for some files; returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
    const files = args.filter((arg) => !arg.startsWith('-')).map((file) =>
        (isAbsolute(file) ? relative(root, file) : file.replace(/^\.\//, '')).split(sep).join('/'))
    if (files.length === 0) {
        process.stderr.write(HELP)
        return args.includes('--help') ? 0 : 2
    }
    const project = read(root)
    const unknown = files.filter((file) => !project.sources.has(file))
    if (unknown.length > 0) {
        process.stderr.write(`There is no TypeScript file ${unknown.join(', ')}. ` +
            'Name files by their paths from the root, such as src/paxos/log/log.ts.\n')
        return 2
    }
    const tests = [...new Set(files.flatMap((file) => testsFor(project, file)))]
    process.stderr.write(`${tests.length} test files reach ${files.join(', ')}.\n`)
    if (args.includes('--list') || tests.length === 0) {
        process.stdout.write(tests.map((path) => `${path}\n`).join(''))
        return tests.length === 0 ? 1 : 0
    }
    const built = tests.map((path) => `build/${path.replace(/\.ts$/, '.js')}`)
    const options = ['--test', '--test-concurrency=2', '--enable-source-maps']
    const child = spawn(process.execPath, [...options, '--test-reporter=spec', ...built],
        { cwd: root, stdio: 'inherit' })
    const [code] = await once(child, 'exit') as [number | null]
    return code ?? 1
}

process.exitCode = await main(process.argv.slice(2))
