import ts from 'typescript'
import { at, place, type Project, type Rule, walk } from './project.js'

/** A place that exists on one machine only. The names stand apart so that none is found here. */
const MACHINE_PATH = /(?<![\w.~:/-])(?:\/(?:farm|home|root|tmp|work|Users)\/|[A-Z]:\\\\?)\w/g

const PROMISED = /\b(?:TODO|FIXME|XXX|HACK)\b(?!\s*\(?#\d)/
const SILENCED = /@ts-(?:ignore|nocheck)\b/
const EXPECTED = /@ts-expect-error\b(?!: .{12})/

interface Comment {
    readonly position: number
    readonly text: string
}

/** Every token below a node, so that comments are found where no statement begins. */
function* tokens(node: ts.Node, source: ts.SourceFile): Generator<ts.Node> {
    const children = node.getChildren(source).filter((child) => !ts.isJSDoc(child))
    if (children.length === 0) {
        yield node
    }
    for (const child of children) {
        yield* tokens(child, source)
    }
}

function commentsOf(source: ts.SourceFile): Comment[] {
    const comments = new Map<number, Comment>()
    for (const token of tokens(source, source)) {
        for (const { pos, end } of [
            ...ts.getLeadingCommentRanges(source.text, token.pos) ?? [],
            ...ts.getTrailingCommentRanges(source.text, token.end) ?? []
        ]) {
            comments.set(pos, { position: pos, text: source.text.slice(pos, end) })
        }
    }
    return [...comments.values()].sort((one, other) => one.position - other.position)
}

function commentFaults(path: string, text: string): string[] {
    return [
        PROMISED.test(text) ? 'a promise without the number of its issue' : null,
        SILENCED.test(text) ? 'the compiler must not be silenced' : null,
        EXPECTED.test(text) ? 'an expected error says after a colon why it is one' : null,
        /@ts-expect-error/.test(text) && !path.startsWith('test/')
            ? 'only a test expects an error'
            : null
    ].filter((fault) => fault !== null)
}

/** What a comment may not say. */
export const plainComments: Rule = {
    name: 'promises nothing without an issue and silences no compiler',
    check: ({ sources }) => [...sources].flatMap(([path, source]) =>
        commentsOf(source).flatMap(({ position, text }) =>
            commentFaults(path, text).map((fault) => `${place(source, position)}: ${fault}`))),
    broken: [{
        files: {
            'src/a.ts': [
                '// TODO Mend this.',
                'const a = [1, // @ts-ignore',
                '    2 /* FIXME */]',
                '/** XXX */',
                'function b(/* HACK */) { return [a /* TODO */] }',
                '// @ts-expect-error: It has to be one, has it not?'
            ].join('\n'),
            'test/a.test.ts': '// @ts-expect-error'
        },
        says: [
            'src/a.ts:1: a promise without the number of its issue',
            'src/a.ts:2: the compiler must not be silenced',
            'src/a.ts:3: a promise without the number of its issue',
            'src/a.ts:4: a promise without the number of its issue',
            'src/a.ts:5: a promise without the number of its issue',
            'src/a.ts:5: a promise without the number of its issue',
            'src/a.ts:6: only a test expects an error',
            'test/a.test.ts:1: an expected error says after a colon why it is one'
        ]
    }],
    kept: [{
        'src/a.ts': "// TODO #12 Mend this. FIXME (#3) too.\nconst a = '// TODO @ts-ignore'",
        'test/a.test.ts': '// @ts-expect-error: A member needs an id.'
    }]
}

function looseness(node: ts.Node): string | null {
    if (node.kind === ts.SyntaxKind.AnyKeyword) {
        return 'any says nothing; unknown says so'
    }
    if (ts.isNonNullExpression(node)) {
        return 'an exclamation mark proves nothing'
    }
    const isDefinite = (ts.isPropertyDeclaration(node) || ts.isVariableDeclaration(node))
        && node.exclamationToken !== undefined
    return isDefinite ? 'an exclamation mark initializes nothing' : null
}

/** House rule 9, as far as syntax shows it. */
export const tightTypes: Rule = {
    name: 'has no any and asserts nothing away',
    check: ({ sources }) => [...sources.values()].flatMap((source) =>
        [...walk(source)].flatMap((node) => {
            const fault = looseness(node)
            return fault === null ? [] : [`${at(node)}: ${fault}`]
        })),
    broken: [{
        files: {
            'src/a.ts': 'let a!: number\nconst b = a as any\nconst c = b!.d\nclass E { f!: any[] }',
            'test/a.test.ts': 'function f(g: Record<string, any>) { return g }'
        },
        says: [
            'src/a.ts:1: an exclamation mark initializes nothing',
            'src/a.ts:2: any says nothing; unknown says so',
            'src/a.ts:3: an exclamation mark proves nothing',
            'src/a.ts:4: an exclamation mark initializes nothing',
            'src/a.ts:4: any says nothing; unknown says so',
            'test/a.test.ts:1: any says nothing; unknown says so'
        ]
    }],
    kept: [{ 'src/a.ts': "const any = !1 !== !'any'\nconst a = { any } // any!" }]
}

/** What would work on one machine only. */
export const noMachinePaths: Rule = {
    name: 'names no place of one machine',
    check: ({ files }) => Object.entries(files).flatMap(([path, text]) =>
        [...text.matchAll(MACHINE_PATH)].map(({ 0: found, index }) => {
            const line = text.slice(0, index).split('\n').length
            return `${path}:${line}: ${found}… is a place of one machine`
        })),
    broken: [{
        files: {
            'README.md': ['Run', `cat ${'/'}home/me/file`, `or "C${':'}\\\\Users"`].join('\n'),
            'test/a.json': `{ "a": "${'/'}tmp/a" }`
        },
        says: [
            `README.md:2: ${'/'}home/m… is a place of one machine`,
            `README.md:3: C${':'}\\\\U… is a place of one machine`,
            `test/a.json:1: ${'/'}tmp/a… is a place of one machine`
        ]
    }],
    kept: [{ 'README.md': 'https://example.org/home/me ./home/x src/Users/a a/root/b' }]
}

const SKIPS = new Set(['only', 'skip', 'todo'])

/** What keeps a test from running, or all others. */
function skipOf(node: ts.Node): string | null {
    const isTest = (name: ts.Node): boolean =>
        ts.isIdentifier(name) && /^(?:test|it|describe|suite|context|t)$/.test(name.text)
    if (ts.isPropertyAccessExpression(node) && isTest(node.expression)) {
        return SKIPS.has(node.name.text) ? node.name.text : null
    }
    const isOption = (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node))
        && ts.isCallExpression(node.parent.parent) && isTest(node.parent.parent.expression)
    return isOption && SKIPS.has(node.name.getText()) ? node.name.getText() : null
}

function skips({ sources }: Project): string[] {
    return [...sources.values()].flatMap((source) => [...walk(source)].flatMap((node) => {
        const skip = skipOf(node)
        return skip === null ? [] : [`${at(node)}: ${skip} leaves tests out`]
    }))
}

/** A test that does not run proves nothing. */
export const noSkips: Rule = {
    name: 'leaves no test out',
    check: skips,
    broken: [{
        files: {
            'test/a.test.ts': [
                "test.only('a', () => {})",
                "describe.skip('b', () => {})",
                "test('c', { todo: true, skip: 'why' }, (context) => { context.skip() })"
            ].join('\n')
        },
        says: [
            'test/a.test.ts:1: only leaves tests out',
            'test/a.test.ts:2: skip leaves tests out',
            'test/a.test.ts:3: todo leaves tests out',
            'test/a.test.ts:3: skip leaves tests out',
            'test/a.test.ts:3: skip leaves tests out'
        ]
    }],
    kept: [{ 'test/a.test.ts': "test('skip', () => { list.skip({ only: 1 }) })" }]
}
