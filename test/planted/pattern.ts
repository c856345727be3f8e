import ts from 'typescript'
import { parseScript } from '../support/compiled.js'

/** A place that a pattern matches, and what the holes of the pattern hold there. */
export interface Match {
    readonly start: number
    readonly end: number
    readonly isExpression: boolean
    readonly holes: Holes
}

/** By the name of a hole: the text that stands there. */
export type Holes = ReadonlyMap<string, string>

/** The hole that holds nothing: every occurrence matches another node. */
const ANY = '_'

/** The name of a hole: `_`, `$one` for one node, or `$$many` for nodes of a list. */
const HOLE = /^(?:_|\${1,2}[a-z]\w*)$/

type Part = ts.Node | readonly ts.Node[]

/** What the parser says against a text; `null` if the text is a program. */
export function syntaxError(text: string): string | null {
    const compilerOptions = { allowJs: true, target: ts.ScriptTarget.ESNext }
    const options = { fileName: 'text.js', reportDiagnostics: true, compilerOptions }
    const [first] = ts.transpileModule(text, options).diagnostics ?? []
    return first === undefined ? null : ts.flattenDiagnosticMessageText(first.messageText, ' ')
}

/** Parentheses decide how a text is parsed; in the tree they mean nothing. */
function unwrapped(node: ts.Node): ts.Node {
    return ts.isParenthesizedExpression(node) ? unwrapped(node.expression) : node
}

/** The children of a node. A `?.` counts as a dot. */
function partsOf(node: ts.Node): Part[] {
    const parts: Part[] = []
    ts.forEachChild(node, (child) => {
        if (child.kind !== ts.SyntaxKind.QuestionDotToken) {
            parts.push(child)
        }
    }, (list) => {
        parts.push([...list])
    })
    return parts
}

/** The part of a node that is neither its kind nor its children. `#name` counts as `name`. */
function contentOf(node: ts.Node): string {
    if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
        return String(node.operator)
    }
    const isPrivate = ts.isPrivateIdentifier(node)
    const isText = isPrivate || ts.isIdentifier(node) || ts.isLiteralExpression(node) ||
        ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)
    return isText ? (isPrivate ? node.text.slice(1) : node.text) : ''
}

function kindOf(node: ts.Node): ts.SyntaxKind {
    return ts.isPrivateIdentifier(node) ? ts.SyntaxKind.Identifier : node.kind
}

/** The name of a hole that a node of a pattern is; `null` for any other node. */
function holeOf(pattern: ts.Node): string | null {
    const node = ts.isExpressionStatement(pattern) ? pattern.expression
        : ts.isShorthandPropertyAssignment(pattern) ? pattern.name : pattern
    return ts.isIdentifier(node) && HOLE.test(node.text) ? node.text : null
}

function isSequence(pattern: ts.Node): boolean {
    return holeOf(pattern)?.startsWith('$$') === true
}

/** The text of nodes that follow each other. An expression is safe in any other expression. */
function textOf(nodes: readonly ts.Node[]): string {
    const [first, last] = [nodes[0], nodes.at(-1)]
    if (first === undefined || last === undefined) {
        return ''
    }
    const text = first.getSourceFile().text.slice(first.getStart(), last.getEnd())
    const isAlone = nodes.length === 1 && ts.isExpression(first) && !ts.isIdentifier(first)
    return isAlone ? `(${text})` : text
}

/** Fills a hole. A hole with a name has the same text everywhere. */
function fill(hole: string, nodes: readonly ts.Node[], holes: Holes): Holes | null {
    if (hole === ANY) {
        return holes
    }
    const [text, before] = [textOf(nodes), holes.get(hole)]
    return before === undefined ? new Map([...holes, [hole, text]]) : before === text ? holes : null
}

/** `{ name }` in a program matches `{ name: pattern }`. */
function matchShorthand(
    pattern: ts.PropertyAssignment,
    node: ts.ShorthandPropertyAssignment,
    holes: Holes
): Holes | null {
    const named = matchNode(pattern.name, node.name, holes)
    return named === null ? null : matchNode(pattern.initializer, node.name, named)
}

function matchNode(pattern: ts.Node, node: ts.Node, holes: Holes): Holes | null {
    const [sought, found] = [unwrapped(pattern), unwrapped(node)]
    const hole = holeOf(sought)
    if (hole !== null) {
        const isAlike = ts.isExpressionStatement(sought) === ts.isStatement(found)
        return isAlike ? fill(hole, [found], holes) : null
    }
    if (ts.isPropertyAssignment(sought) && ts.isShorthandPropertyAssignment(found)) {
        return matchShorthand(sought, found, holes)
    }
    const isLike = kindOf(sought) === kindOf(found) && contentOf(sought) === contentOf(found)
    const [parts, others] = [partsOf(sought), partsOf(found)]
    if (!isLike || parts.length !== others.length) {
        return null
    }
    return parts.reduce<Holes | null>((filled, part, index) =>
        (filled === null ? null : matchPart(part, others[index] ?? [], filled)), holes)
}

function matchPart(pattern: Part, part: Part, holes: Holes): Holes | null {
    if ('kind' in pattern && 'kind' in part) {
        return matchNode(pattern, part, holes)
    }
    if ('kind' in pattern || 'kind' in part) {
        return null
    }
    return matchList(pattern, part, holes, true)?.holes ?? null
}

interface Run {
    readonly holes: Holes
    /** How many nodes of the list match. */
    readonly length: number
}

/** @param isWhole Whether the pattern has to match the list to the end. */
function matchList(
    patterns: readonly ts.Node[],
    nodes: readonly ts.Node[],
    holes: Holes,
    isWhole: boolean
): Run | null {
    const [pattern, ...rest] = patterns
    if (pattern === undefined) {
        return isWhole && nodes.length !== 0 ? null : { holes, length: 0 }
    }
    const isMany = isSequence(pattern)
    for (let length = isMany ? 0 : 1; length <= (isMany ? nodes.length : 1); length++) {
        const [first] = nodes
        const filled = isMany ? fill(holeOf(pattern) ?? ANY, nodes.slice(0, length), holes)
            : first === undefined ? null : matchNode(pattern, first, holes)
        const run = filled && matchList(rest, nodes.slice(length), filled, isWhole)
        if (run !== null) {
            return { holes: run.holes, length: length + run.length }
        }
    }
    return null
}

/**
 * A piece of JavaScript that matches pieces of a program with the same syntax tree. The pattern is
 * one expression, or statements that follow each other. Formatting, comments, parentheses, the
 * quotes of a text, `const` or `let`, `?.` or `.`, and the `#` of a private name do not matter.
 *
 * A hole matches any node: `_` and `$name` match one expression or name, `_;` and `$name;` match
 * one statement, and `$$name` matches any number of elements of a list. A hole with a name matches
 * the same text everywhere in the pattern.
 */
export class Pattern {
    readonly #expression: ts.Expression | null
    readonly #statements: readonly ts.Statement[]

    /** @throws Error if the text is neither an expression nor statements. */
    constructor(text: string) {
        const isExpression = syntaxError(`void (${text})`) === null
        const source = parseScript('pattern.js', isExpression ? `(${text})` : text)
        // `return` is a mistake outside a function.
        const error = isExpression ? null : syntaxError(`() => { while (true) { ${text} } }`)
        if (error !== null || source.statements.length === 0) {
            throw new Error(`${text} is no pattern: ${error ?? 'it is empty'}`)
        }
        const [first] = source.statements
        this.#expression = isExpression && first !== undefined && ts.isExpressionStatement(first)
            ? first.expression
            : null
        this.#statements = source.statements
    }

    /** The places at a node and below it. A place inside another one does not count. */
    matches(node: ts.Node, holes: Holes = new Map()): readonly Match[] {
        const expression = this.#expression
        return expression === null
            ? this.#runs(node, holes)
            : matchesOf(expression, unwrapped(node), holes)
    }

    #runs(node: ts.Node, holes: Holes): readonly Match[] {
        const matches: Match[] = []
        const hasStatements = ts.isBlock(node) || ts.isSourceFile(node) ||
            ts.isCaseOrDefaultClause(node)
        const nodes: readonly ts.Node[] = hasStatements ? node.statements : partsOf(node).flat()
        for (let index = 0; index < nodes.length;) {
            const rest = nodes.slice(index)
            const run = hasStatements ? matchList(this.#statements, rest, holes, false) : null
            const [first, last] = [rest[0], rest[(run?.length ?? 0) - 1]]
            if (run !== null && first !== undefined && last !== undefined) {
                const [start, end] = [first.getStart(), last.getEnd()]
                matches.push({ start, end, isExpression: false, holes: run.holes })
                index += run.length
            } else if (first !== undefined) {
                matches.push(...this.#runs(first, holes))
                index++
            }
        }
        return matches
    }
}

function matchesOf(pattern: ts.Expression, node: ts.Node, holes: Holes): readonly Match[] {
    const filled = ts.isStatement(node) ? null : matchNode(pattern, node, holes)
    if (filled !== null) {
        const isExpression = ts.isExpression(node)
        return [{ start: node.getStart(), end: node.getEnd(), isExpression, holes: filled }]
    }
    return partsOf(node).flat().flatMap((part) => matchesOf(pattern, unwrapped(part), holes))
}
