import ts from 'typescript'
import { at, type Project, type Rule, walk } from './project.js'

const FUNCTION_LINES_MAX = 70
const FILE_LINES_MAX = 300
const COLUMNS_MAX = 100

/** Whether a function is but a list of tests, which has no control flow to follow. */
function isListOfTests(node: ts.Node): boolean {
    const call = node.parent
    return ts.isCallExpression(call) && ts.isIdentifier(call.expression)
        && /^(?:describe|suite)$/.test(call.expression.text)
}

function linesOf(node: ts.Node): number {
    const source = node.getSourceFile()
    const line = (position: number): number => source.getLineAndCharacterOfPosition(position).line
    return line(node.end) - line(node.getStart(source)) + 1
}

function longFunctions(project: Project): string[] {
    const findings: string[] = []
    for (const source of project.sources.values()) {
        for (const node of walk(source)) {
            const lines = ts.isFunctionLike(node) ? linesOf(node) : 0
            if (lines > FUNCTION_LINES_MAX && !isListOfTests(node)) {
                findings.push(`${at(node)}: a function of ${lines} lines, ${FUNCTION_LINES_MAX} `
                    + 'are the most')
            }
        }
    }
    return findings
}

/** House rule 6, functions. */
export const shortFunctions: Rule = {
    name: 'keeps every function within 70 lines',
    check: longFunctions,
    broken: [{
        files: { 'src/a.ts': `class A {\n    long() {${'\n'.repeat(70)}    }\n}` },
        says: ['src/a.ts:2: a function of 71 lines, 70 are the most']
    }, {
        files: { 'test/a.test.ts': `suite('a', () => {\ntest(() => {${'\n'.repeat(80)}})\n})` },
        says: ['test/a.test.ts:2: a function of 81 lines, 70 are the most']
    }],
    kept: [{ 'src/a.ts': `/**${'\n'.repeat(9)} */\nfunction long() {${'\n'.repeat(69)}}` }]
}

/** House rule 6, files. */
export const shortFiles: Rule = {
    name: 'keeps every file within 300 lines',
    check: ({ files, sources }) => [...sources.keys()].flatMap((path) => {
        const lines = (files[path] ?? '').replace(/\n$/, '').split('\n').length
        return lines <= FILE_LINES_MAX
            ? []
            : [`${path}:${FILE_LINES_MAX + 1}: ${lines} lines, ${FILE_LINES_MAX} are the most`]
    }),
    broken: [{
        files: { 'src/a.ts': '\n'.repeat(301) },
        says: ['src/a.ts:301: 301 lines, 300 are the most']
    }],
    kept: [{ 'src/a.ts': '\n'.repeat(300) }]
}

/** House rule 6, lines. */
export const shortLines: Rule = {
    name: 'keeps every line within 100 columns',
    check: ({ files, sources }) => [...sources.keys()].flatMap((path) =>
        (files[path] ?? '').split('\n').flatMap((line, index) => {
            const columns = [...line].length
            return columns <= COLUMNS_MAX
                ? []
                : [`${path}:${index + 1}: ${columns} columns, ${COLUMNS_MAX} are the most`]
        })),
    broken: [{
        files: { 'src/a.ts': `\n${'x'.repeat(101)}\n` },
        says: ['src/a.ts:2: 101 columns, 100 are the most']
    }],
    kept: [{ 'src/a.ts': '→'.repeat(100) }]
}
