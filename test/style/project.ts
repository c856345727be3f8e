import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative, sep } from 'node:path'
import ts from 'typescript'

/** The text of every file that the house rules read, by its path with forward slashes. */
export type Files = Readonly<Record<string, string>>

/** A tree of files with its TypeScript parsed. It is a value: the rules never touch the disk. */
export interface Project {
    readonly files: Files
    /** Every `.ts` and `.tsx` file, declarations included. */
    readonly sources: ReadonlyMap<string, ts.SourceFile>
}

/** One rule of the house, and the proof that it can fail. */
export interface Rule {
    /** A sentence in the present tense; the name of its test. */
    readonly name: string
    /** One line for each violation, `file:line: what is wrong`, or nothing. */
    check(project: Project): string[]
    /** Files that break the rule, with exactly what `check` says about them. */
    readonly broken: readonly [Breach, ...Breach[]]
    /** Files that look as if they broke the rule. */
    readonly kept: readonly Files[]
}

/** Files that break a rule, and what is said about them. */
export interface Breach {
    readonly files: Files
    readonly says: readonly [string, ...string[]]
}

/** One mention of another file or package. */
export interface Import {
    readonly node: ts.Node
    readonly specifier: string
    /** The file in the project, or null for a package or a file that is not there. */
    readonly target: string | null
    /** True where nothing of it is left when the types are gone. */
    readonly isType: boolean
    /** True for `export … from`. */
    readonly isExport: boolean
    /** The names asked for; `default`, or `*` for the whole. */
    readonly names: readonly string[]
}

const ROOTS = ['src', 'test']
const ALONE = [
    'package.json', 'package-lock.json', 'tsconfig.json', 'README.md', 'CHANGELOG.md', '.ci/run'
]
const BINARY = /\.(?:tgz|gz|png|ico)$/

/** Parses files that were given as text. */
export function parse(files: Files): Project {
    const sources = new Map<string, ts.SourceFile>()
    for (const [path, text] of Object.entries(files)) {
        if (/\.tsx?$/.test(path)) {
            sources.set(path, ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true))
        }
    }
    return { files, sources }
}

/** Reads and parses what the house rules cover: `src`, `test` and the few files beside them. */
export function read(root: string): Project {
    const paths = ALONE.filter((path) => existsSync(join(root, path)))
    for (const folder of ROOTS) {
        const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        for (const entry of entries) {
            if (entry.isFile() && !BINARY.test(entry.name)) {
                paths.push(relative(root, join(entry.parentPath, entry.name)))
            }
        }
    }
    return parse(Object.fromEntries(paths.sort().map((path) =>
        [path.split(sep).join('/'), readFileSync(join(root, path), 'utf8')])))
}

/** Where a node stands, as `file:line`. */
export function at(node: ts.Node): string {
    const source = node.getSourceFile()
    return place(source, node.getStart(source))
}

/** Where a position is, as `file:line`. */
export function place(source: ts.SourceFile, position: number): string {
    return `${source.fileName}:${source.getLineAndCharacterOfPosition(position).line + 1}`
}

/** Every node below, in the order of the text. */
export function* walk(node: ts.Node): Generator<ts.Node> {
    const children: ts.Node[] = []
    ts.forEachChild(node, (child) => { children.push(child) })
    for (const child of children) {
        yield child
        yield* walk(child)
    }
}

/** All sources under one folder, in the order of their paths. */
export function under(project: Project, folder: string): [string, ts.SourceFile][] {
    return [...project.sources].filter(([path]) => path.startsWith(folder))
}

function resolve(project: Project, from: string, specifier: string): string | null {
    if (!specifier.startsWith('.')) {
        return null
    }
    const path = posix.join(posix.dirname(from), specifier)
        .replace(/\.js(x?)$/, '.ts$1')
    return project.sources.has(path) ? path : null
}

function importedNames(clause: ts.ImportClause | undefined): string[] {
    const names = clause?.name === undefined ? [] : ['default']
    const bindings = clause?.namedBindings
    if (bindings === undefined) {
        return names
    }
    return ts.isNamespaceImport(bindings)
        ? [...names, '*']
        : [...names, ...bindings.elements.map((one) => (one.propertyName ?? one.name).text)]
}

function exportedNames(clause: ts.NamedExportBindings | undefined): string[] {
    return clause === undefined || ts.isNamespaceExport(clause)
        ? ['*']
        : clause.elements.map((one) => (one.propertyName ?? one.name).text)
}

function importOf(node: ts.Node): Omit<Import, 'target'> | null {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
        const isType = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
        const names = importedNames(node.importClause)
        return { node, specifier: node.moduleSpecifier.text, isType, isExport: false, names }
    }
    const from = ts.isExportDeclaration(node) ? node.moduleSpecifier : undefined
    if (ts.isExportDeclaration(node) && from !== undefined && ts.isStringLiteral(from)) {
        const names = exportedNames(node.exportClause)
        return { node, specifier: from.text, isType: node.isTypeOnly, isExport: true, names }
    }
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
        && ts.isStringLiteral(node.argument.literal)) {
        const specifier = node.argument.literal.text
        return { node, specifier, isType: true, isExport: false, names: ['*'] }
    }
    const [argument] = ts.isCallExpression(node) ? node.arguments : []
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
        && argument !== undefined && ts.isStringLiteral(argument)) {
        return { node, specifier: argument.text, isType: false, isExport: false, names: ['*'] }
    }
    return null
}

/** Every mention of another module, imports by call and by type included. */
export function importsOf(project: Project, path: string): Import[] {
    const source = project.sources.get(path)
    const imports: Import[] = []
    for (const node of source === undefined ? [] : walk(source)) {
        const found = importOf(node)
        if (found !== null) {
            imports.push({ ...found, target: resolve(project, path, found.specifier) })
        }
    }
    return imports
}

/** Whether nothing of a file is left when the types are gone. */
export function isTypeOnly(source: ts.SourceFile): boolean {
    return source.isDeclarationFile || source.statements.every((node) =>
        ts.isInterfaceDeclaration(node)
        || ts.isTypeAliasDeclaration(node)
        || (ts.isImportDeclaration(node)
            && node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword)
        || (ts.isExportDeclaration(node) && node.isTypeOnly))
}

/** The sources that package.json offers or bundles, and the printed examples. */
export function entries(project: Project): string[] {
    const text = project.files['package.json'] ?? '{}'
    const paths = [...text.matchAll(/"(?:\.\/)?dist\/(?:commonjs\/)?([^"]+)\.js"/g)]
        .map(([, path]) => path)
    const examples = [...project.sources.keys()].filter((path) => path.startsWith('src/examples/'))
    const pages = [...project.sources.keys()].filter((path) => text.includes(`esbuild ${path} `))
    return [...new Set(paths.map((path) => `src/${path}.ts`).concat(examples, pages))].sort()
}
