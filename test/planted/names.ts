import ts from 'typescript'
import { parseScript } from '../support/compiled.js'

/** Names that every function of the language knows. */
const GIVEN = new Set(['arguments', ...Object.getOwnPropertyNames(globalThis)])

/** Names of properties that the values of the language have. */
const PROPERTIES = new Set([
    Array.prototype, Object.prototype, Map.prototype, Set.prototype, RegExp.prototype,
    String.prototype, Number.prototype, Promise.prototype, Object, Math, Date, process
].flatMap((value) => Object.getOwnPropertyNames(value)))

/** What the program of a function knows. */
export interface Knowledge {
    /** Whether a class has a member of a name; `#name` for a private one. */
    hasMember(name: string): boolean
    /** Whether a name occurs anywhere. */
    hasName(name: string): boolean
}

function* walk(node: ts.Node): Generator<ts.Node> {
    yield node
    const children: ts.Node[] = []
    ts.forEachChild(node, (child) => {
        children.push(child)
    })
    for (const child of children) {
        yield* walk(child)
    }
}

/** Whether a name is that of a member or of a property, and not that of a value. */
function isMember(name: ts.Node): boolean {
    const { parent } = name
    return (ts.isPropertyAccessExpression(parent) && parent.name === name) ||
        (ts.isPropertyAssignment(parent) && parent.name === name) ||
        (ts.isBindingElement(parent) && parent.propertyName === name)
}

/** The values that are declared at a node or below it. */
function declaredIn(node: ts.Node): Set<string> {
    const names = new Set<string>()
    for (const each of walk(node)) {
        const { name } = each as { readonly name?: ts.Node }
        const isDeclaration = ts.isVariableDeclaration(each) || ts.isParameter(each) ||
            ts.isBindingElement(each) || ts.isFunctionDeclaration(each) ||
            ts.isClassDeclaration(each) || ts.isImportSpecifier(each) || ts.isImportClause(each)
        if (isDeclaration && name !== undefined && ts.isIdentifier(name)) {
            names.add(name.text)
        }
    }
    return names
}

/** The values that a file declares outside every function. */
function declaredAtTop(source: ts.SourceFile): Set<string> {
    return new Set(source.statements.flatMap((statement) => {
        const isFunction = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)
        return isFunction ? [statement.name?.text ?? ''] : [...declaredIn(statement)]
    }))
}

/** The names of all members of the classes of a file. */
export function membersOf(source: ts.SourceFile): readonly string[] {
    return [...walk(source)].filter(ts.isClassLike).flatMap(({ members }) =>
        members.map((member) => member.name?.getText() ?? ''))
}

/**
 * The names in a new text that a function does not know: values that neither the text, the
 * function nor the file declares, members of `this` that no class has, and properties that occur
 * nowhere in the program.
 *
 * @param node The function, before the change.
 */
export function strangers(
    node: ts.Node,
    text: string,
    { hasMember, hasName }: Knowledge
): readonly string[] {
    const tree = parseScript('new.js', text)
    const known = new Set([
        ...GIVEN, ...declaredAtTop(node.getSourceFile()), ...declaredIn(node), ...declaredIn(tree)
    ])
    const hasThis = [...walk(node)].some(({ kind }) => kind === ts.SyntaxKind.ThisKeyword)
    const strange = [...walk(tree)].filter((each) => {
        if (each.kind === ts.SyntaxKind.ThisKeyword) {
            return !hasThis
        }
        if (ts.isPropertyAccessExpression(each)) {
            const { expression, name: { text: name } } = each
            return expression.kind === ts.SyntaxKind.ThisKeyword
                ? !hasMember(name)
                : !PROPERTIES.has(name) && !hasName(name.replace(/^#/, ''))
        }
        return ts.isIdentifier(each) && !isMember(each) && !known.has(each.text)
    })
    // The parser puts an empty name where a name is missing.
    return strange.map((each) => each.getText()).filter((name) => name !== '')
}
