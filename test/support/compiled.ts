import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** The text of every compiled file, by the path below `src`, with forward slashes. */
export type Texts = ReadonlyMap<string, string>

const SOURCE = fileURLToPath(new URL('../../src/', import.meta.url))

/** The TypeScript sources. A copy of the compiled tree has no sources. */
const ORIGIN = fileURLToPath(new URL('../../../src/', import.meta.url))

let compiled: Texts | null = null

/** The compiled tree of the sources, without the files of sources that are gone. */
export function compiledTexts(): Texts {
    compiled ??= new Map(readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.js') &&
            (!existsSync(ORIGIN) || existsSync(join(ORIGIN, path.replace(/\.js$/, '.ts')))))
        .sort()
        .map((path) => [path.split(sep).join('/'), readFileSync(join(SOURCE, path), 'utf8')]))
    return compiled
}

/** A syntax tree of JavaScript. */
export function parseScript(file: string, text: string): ts.SourceFile {
    return ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS)
}

const trees = new Map<string, ts.SourceFile>()

/** The tree of a file. Each text is parsed once. */
export function treeOf(file: string, text: string): ts.SourceFile {
    const known = trees.get(file)
    const tree = known?.text === text ? known : parseScript(file, text)
    trees.set(file, tree)
    return tree
}

/** A function with a name. */
export interface Named {
    readonly name: string
    readonly file: string
    readonly body: ts.Block | ts.Expression
    /** The function as a whole, parameters included. */
    readonly node: ts.Node
}

/** The body of a function; `null` for any other node. */
function bodyOf(node: ts.Node | undefined): ts.Block | ts.Expression | null {
    return node !== undefined && ts.isFunctionLike(node) && 'body' in node
        ? (node.body as ts.Block | ts.Expression | undefined) ?? null
        : null
}

function plainName(name: ts.Node | undefined): string {
    return name === undefined ? '' : name.getText().replace(/^#/, '')
}

function* functionsOfClass(owner: ts.ClassLikeDeclaration, name: string, file: string):
    Generator<Named> {
    for (const member of owner.members) {
        const node = ts.isPropertyDeclaration(member) ? member.initializer : member
        const body = bodyOf(node)
        const own = ts.isConstructorDeclaration(member) ? 'constructor' : plainName(member.name)
        if (node !== undefined && body !== null) {
            yield { name: `${name}.${own}`, file, body, node }
        }
    }
}

function* functionsAtTop(statement: ts.Statement, file: string): Generator<Named> {
    if (ts.isClassDeclaration(statement)) {
        yield* functionsOfClass(statement, plainName(statement.name), file)
    } else if (ts.isFunctionDeclaration(statement) && statement.body !== undefined) {
        const { body } = statement
        yield { name: plainName(statement.name), file, body, node: statement }
    } else if (ts.isVariableStatement(statement)) {
        for (const { name, initializer } of statement.declarationList.declarations) {
            const body = bodyOf(initializer)
            if (initializer !== undefined && body !== null) {
                yield { name: plainName(name), file, body, node: initializer }
            }
        }
    }
}

/** Every function of a file that has a name of its own, methods included. */
export function functionsOf(file: string, text: string): readonly Named[] {
    return treeOf(file, text).statements.flatMap((each) => [...functionsAtTop(each, file)])
}

/** The file that declares a class or a function at its top, by one of its names. */
export function fileOf(names: string | readonly string[], texts: Texts = compiledTexts()): string {
    const sought = [names].flat()
    const files = [...texts].filter(([file, text]) => sought.some((name) => text.includes(name)) &&
        treeOf(file, text).statements.some((statement) =>
            (ts.isClassDeclaration(statement) || ts.isFunctionDeclaration(statement)) &&
            sought.includes(plainName(statement.name))))
    const [found] = files
    const all = sought.join(' or ')
    assert(found !== undefined, `no file declares ${all}`)
    const paths = files.map(([file]) => file)
    assert(files.length === 1, `${files.length} files declare ${all}: ${paths}`)
    return found[0]
}
