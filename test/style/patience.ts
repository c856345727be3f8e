import ts from 'typescript'
import { at, importsOf, type Project, type Rule, under, walk } from './project.js'

const TIMERS = /^(?:node:)?timers(?:\/promises)?$/
const DEADLINE = /\/\/ Deadline: .{12}/
/**
 * A program that a test starts in a process of its own may keep time as any service does, and so
 * may the timed disks of the benchmark. The timers of `test/testing` are virtual.
 */
const EXAMPLE = new RegExp(`^test/(?:${[
    'examples/[\\w-]+', 'week/(?:pod|clients)', 'recipes/daily/(?:member|work)',
    'bench/timed-journal', 'testing/[\\w.-]+'
].join('|')})\\.ts$`)
const FAILS = /\b(?:abort|assert|exit|fail|kill|reject|throw)\b/

/** Whether a name is used to reach the global function, alone or as a member of a global. */
function isTimer(node: ts.Node): node is ts.Identifier {
    if (!ts.isIdentifier(node) || !/^set(?:Timeout|Interval)$/.test(node.text)) {
        return false
    }
    const { parent } = node
    if (ts.isPropertyAccessExpression(parent) && parent.name === node) {
        return /^(?:global|globalThis|timers)$/.test(parent.expression.getText())
    }
    return !(ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent)
        || ts.isPropertySignature(parent) || ts.isMethodSignature(parent)
        || ts.isPropertyDeclaration(parent)) || parent.name !== node
}

/** The comments above the statement that a node stands in. */
function commentsAbove(node: ts.Node): string {
    const source = node.getSourceFile()
    let statement = node
    while (!ts.isStatement(statement) && !ts.isSourceFile(statement)) {
        statement = statement.parent
    }
    return source.text.slice(statement.getFullStart(), statement.getStart(source))
}

/** Whether a timer is a deadline: called at once, said to be one, and able to fail. */
function isDeadline(node: ts.Identifier): boolean {
    const called = ts.isPropertyAccessExpression(node.parent) ? node.parent : node
    const call = called.parent
    const [callback] = ts.isCallExpression(call) && call.expression === called ? call.arguments : []
    return callback !== undefined && ts.isArrowFunction(callback)
        && FAILS.test(callback.body.getText()) && DEADLINE.test(commentsAbove(node))
}

function sleeps(project: Project): string[] {
    const findings: string[] = []
    for (const [path, source] of under(project, 'test/').filter(([one]) => !EXAMPLE.test(one))) {
        for (const found of importsOf(project, path)) {
            if (TIMERS.test(found.specifier)) {
                findings.push(`${at(found.node)}: '${found.specifier}' is for sleepers`)
            }
        }
        for (const node of walk(source)) {
            if (isTimer(node) && !isDeadline(node)) {
                findings.push(`${at(node)}: ${node.text} without a deadline that fails`)
            }
            if (ts.isPropertyAccessExpression(node)
                && /^Atomics\.wait(?:Async)?$/.test(node.getText())) {
                findings.push(`${at(node)}: ${node.getText()} is a sleep`)
            }
        }
    }
    return findings
}

/** House rule 16. A deadline is no sleep: a comment names it, and when it comes the test fails. */
export const noSleeps: Rule = {
    name: 'sleeps in no test',
    check: sleeps,
    broken: [{
        files: {
            'test/examples/lock.test.ts': 'setInterval(() => {}, 1)',
            'test/a.test.ts': [
                "import { setTimeout as sleep } from 'node:timers/promises'",
                'await new Promise((resolve) => setTimeout(resolve, 100))',
                'await promisify(setTimeout)(1)',
                'globalThis.setInterval(() => { fail() }, 1)',
                '// Deadline: It says so and yet only waits.',
                'setTimeout(() => { resolve() }, 1)',
                '// Deadline: short',
                'setTimeout(() => { reject() }, 1)',
                'Atomics.wait(cells, 0, 0, 10)'
            ].join('\n')
        },
        says: [
            'test/examples/lock.test.ts:1: setInterval without a deadline that fails',
            "test/a.test.ts:1: 'node:timers/promises' is for sleepers",
            'test/a.test.ts:1: setTimeout without a deadline that fails',
            'test/a.test.ts:2: setTimeout without a deadline that fails',
            'test/a.test.ts:3: setTimeout without a deadline that fails',
            'test/a.test.ts:4: setInterval without a deadline that fails',
            'test/a.test.ts:6: setTimeout without a deadline that fails',
            'test/a.test.ts:8: setTimeout without a deadline that fails',
            'test/a.test.ts:9: Atomics.wait is a sleep'
        ]
    }],
    kept: [{
        'src/timer.ts': 'setTimeout(() => {}, 1)',
        'test/examples/lock.ts': 'setInterval(() => {}, 1)',
        'test/a.test.ts': [
            'const clock = { setTimeout(run: () => void) { run() } }',
            'clock.setTimeout(() => {})',
            "context.mock.timers.enable({ apis: ['setTimeout'] })",
            '// Deadline: A child that hangs is killed, and its test fails.',
            'const watchdog = setTimeout(() => { child.kill() }, 30_000)',
            'AbortSignal.timeout(1000)'
        ].join('\n')
    }]
}
