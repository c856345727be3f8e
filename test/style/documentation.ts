import ts from 'typescript'
import { at, type Project, type Rule, under, walk } from './project.js'

/** What a number of an option may count, so that its reader need not guess. */
const UNIT = /\b(?:milliseconds?|ms|seconds?|bytes|characters|(?:how many|number of) \w+)\b/i

type Named = ts.FunctionDeclaration | ts.ClassDeclaration | ts.InterfaceDeclaration
    | ts.TypeAliasDeclaration | ts.EnumDeclaration

/** The doc comment above a declaration, without its stars; `''` where there is none. */
function docOf(node: ts.Node): string {
    const comments = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)
    const text = comments.at(-1)?.getText() ?? ''
    return text.replace(/^\/\*\*|\*\/$/g, '').replace(/^\s*\* ?/gm, '').trim()
}

/** What is wrong with a doc comment, or null. It has to be made of sentences. */
function rejectDoc(doc: string): string | null {
    if (doc === '') {
        return 'has no doc comment'
    }
    const prose = doc.split(/(?:^|\s)@(?=[a-z])/)[0]?.trim() ?? ''
    return /^[^a-z\s].*[.!?:`)]$/s.test(prose) ? null : 'has a doc comment that is no sentence'
}

function isExported(node: ts.Node): boolean {
    const isAmbient = ts.isModuleBlock(node.parent) || node.getSourceFile().isDeclarationFile
    return isAmbient || (ts.canHaveModifiers(node)
        && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true)
}

function isNamed(node: ts.Node): node is Named {
    return ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)
        || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)
        || ts.isEnumDeclaration(node)
}

/** The names a list of statements declares, each with the node its comment stands above. */
function declared(statements: readonly ts.Statement[]): [string, ts.Node][] {
    return statements.flatMap((node): [string, ts.Node][] => {
        if (ts.isVariableStatement(node)) {
            return node.declarationList.declarations.map((one) => [one.name.getText(), node])
        }
        return isNamed(node) ? [[node.name?.getText() ?? 'default', node]] : []
    })
}

/** The names that `export { … }` and `export default …` add to those exported in place. */
function listed(statements: readonly ts.Statement[]): Set<string> {
    return new Set(statements.flatMap((node) => {
        if (ts.isExportAssignment(node)) {
            return [node.expression.getText()]
        }
        return ts.isExportDeclaration(node) && node.moduleSpecifier === undefined
            && node.exportClause !== undefined && ts.isNamedExports(node.exportClause)
            ? node.exportClause.elements.map((one) => (one.propertyName ?? one.name).getText())
            : []
    }))
}

function undocumentedIn(statements: readonly ts.Statement[]): string[] {
    const findings: string[] = []
    const names = listed(statements)
    const overloaded = new Set<string>()
    for (const [name, node] of declared(statements)) {
        const isLater = ts.isFunctionDeclaration(node) && overloaded.has(name)
        if (ts.isFunctionDeclaration(node)) {
            overloaded.add(name)
        }
        const isPublic = !isLater && (isExported(node) || names.has(name))
        const fault = isPublic ? rejectDoc(docOf(node)) : null
        if (fault !== null) {
            findings.push(`${at(node)}: ${name} ${fault}`)
        }
    }
    for (const node of statements) {
        const body = ts.isModuleDeclaration(node) ? node.body : undefined
        if (body !== undefined && ts.isModuleBlock(body)) {
            findings.push(...undocumentedIn(body.statements))
        }
    }
    return findings
}

/** House rule 13, names. */
export const documentedNames: Rule = {
    name: 'has a doc comment of sentences on every exported name',
    check: (project) => under(project, 'src/').flatMap(([, source]) =>
        undocumentedIn(source.statements)),
    broken: [{
        files: {
            'src/a.ts': [
                'export const a = 1',
                '// Not a doc comment.\nexport function b() {}',
                '/** lower case, no stop */\nexport class C {}',
                '/** @internal */\nexport interface D { d: number }',
                'type E = 1\nexport { E }',
                'const f = 1\nexport default f'
            ].join('\n'),
            'src/declarations/g.d.ts': "declare module 'g' {\n    export class G {}\n}"
        },
        says: [
            'src/a.ts:1: a has no doc comment',
            'src/a.ts:3: b has no doc comment',
            'src/a.ts:5: C has a doc comment that is no sentence',
            'src/a.ts:7: D has a doc comment that is no sentence',
            'src/a.ts:8: E has no doc comment',
            'src/a.ts:10: f has no doc comment',
            'src/declarations/g.d.ts:2: G has no doc comment'
        ]
    }],
    kept: [{
        'src/a.ts': [
            '/** What it does. @see b */\nexport const a = 1',
            '/**\n * Several lines,\n * one sentence.\n *\n * @returns one\n */',
            'export function b(x: 1): void\nexport function b(x: 2): void\nexport function b() {}',
            'const inner = 1'
        ].join('\n'),
        'src/index.ts': "export { a } from './a.js'",
        'test/a.ts': 'export const a = 1'
    }]
}

function optionFindings(project: Project): string[] {
    const findings: string[] = []
    for (const node of under(project, 'src/').flatMap(([, source]) => [...walk(source)])) {
        const owner = node.parent
        if (!ts.isPropertySignature(node) || !ts.isInterfaceDeclaration(owner)
            || !owner.name.text.endsWith('Options')) {
            continue
        }
        const doc = docOf(node)
        const name = `${owner.name.text}.${node.name.getText()}`
        const isNumber = node.type?.kind === ts.SyntaxKind.NumberKeyword
        const faults = [
            rejectDoc(doc),
            node.questionToken === undefined || /@default \S/.test(doc) ? null : 'has no @default',
            isNumber && !UNIT.test(doc) ? 'is a number of what?' : null
        ]
        for (const fault of faults) {
            if (fault !== null) {
                findings.push(`${at(node)}: ${name} ${fault}`)
            }
        }
    }
    return findings
}

/** House rule 13, options. */
export const documentedOptions: Rule = {
    name: 'names the unit and the default of every option',
    check: optionFindings,
    broken: [{
        files: {
            'src/a.ts': [
                'interface AOptions {',
                '    readonly bare?: string',
                '    /** How long. */',
                '    readonly timeout: number',
                '}'
            ].join('\n')
        },
        says: [
            'src/a.ts:2: AOptions.bare has no doc comment',
            'src/a.ts:2: AOptions.bare has no @default',
            'src/a.ts:4: AOptions.timeout is a number of what?'
        ]
    }],
    kept: [{
        'src/a.ts': [
            'interface AOptions {',
            '    /** Who one is. */',
            '    readonly id: string',
            '    /** How long, in milliseconds. @default 250 */',
            '    readonly ping?: number',
            '    /** How many runs may be under way at once. */',
            '    readonly window: number',
            '}',
            'interface Inner { timeout?: number }'
        ].join('\n')
    }]
}
