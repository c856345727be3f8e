import ts from 'typescript'

/** One change of a file: the text in [start, end) is replaced. */
export interface Mutant {
    readonly file: string
    readonly line: number
    readonly column: number
    readonly start: number
    readonly end: number
    readonly operator: string
    readonly from: string
    readonly to: string
}

type Kind = ts.SyntaxKind

/** What an operator of the language becomes. */
const BINARY: ReadonlyMap<Kind, readonly string[]> = new Map([
    [ts.SyntaxKind.LessThanToken, ['<=', '>=']],
    [ts.SyntaxKind.LessThanEqualsToken, ['<', '>']],
    [ts.SyntaxKind.GreaterThanToken, ['>=', '<=']],
    [ts.SyntaxKind.GreaterThanEqualsToken, ['>', '<']],
    [ts.SyntaxKind.EqualsEqualsEqualsToken, ['!==']],
    [ts.SyntaxKind.ExclamationEqualsEqualsToken, ['===']],
    [ts.SyntaxKind.AmpersandAmpersandToken, ['||']],
    [ts.SyntaxKind.BarBarToken, ['&&']],
    [ts.SyntaxKind.PlusToken, ['-']],
    [ts.SyntaxKind.MinusToken, ['+']],
    [ts.SyntaxKind.AsteriskToken, ['/']],
    [ts.SyntaxKind.SlashToken, ['*']]
])

/** The two functions of the language that choose a bound. */
const BOUNDS: ReadonlyMap<string, string> = new Map([
    ['Math.max', 'Math.min'], ['Math.min', 'Math.max'], ['Math.floor', 'Math.ceil']
])

type Change = readonly [operator: string, node: ts.Node, to: string]

function* conditions(condition: ts.Expression): Generator<Change> {
    yield ['condition', condition, 'true']
    yield ['condition', condition, 'false']
}

function* changesOf(node: ts.Node, source: ts.SourceFile): Generator<Change> {
    if (ts.isBinaryExpression(node)) {
        for (const to of BINARY.get(node.operatorToken.kind) ?? []) {
            yield ['operator', node.operatorToken, to]
        }
    } else if (ts.isIfStatement(node)) {
        yield* conditions(node.expression)
    } else if (ts.isConditionalExpression(node)) {
        yield* conditions(node.condition)
    } else if (ts.isPrefixUnaryExpression(node)) {
        const isNot = node.operator === ts.SyntaxKind.ExclamationToken
        if (isNot) {
            yield ['negation', node, node.operand.getText(source)]
        }
    } else if (ts.isNumericLiteral(node)) {
        yield ['number', node, String(Number(node.text) + 1)]
    } else if (node.kind === ts.SyntaxKind.TrueKeyword) {
        yield ['literal', node, 'false']
    } else if (node.kind === ts.SyntaxKind.FalseKeyword) {
        yield ['literal', node, 'true']
    } else if (ts.isExpressionStatement(node)) {
        // A constructor must call that of its base.
        const isSuper = node.getText(source).startsWith('super(')
        if (!isSuper) {
            yield ['statement', node, ';']
        }
    } else if (ts.isPropertyAccessExpression(node)) {
        const to = BOUNDS.get(node.getText(source))
        if (to !== undefined) {
            yield ['bound', node, to]
        }
    }
}

/** Every change that the operators make to a file, in the order of the file. */
export function mutantsOf(file: string, text: string): readonly Mutant[] {
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS)
    const mutants: Mutant[] = []
    const visit = (node: ts.Node): void => {
        if (ts.isImportDeclaration(node)) {
            return
        }
        for (const [operator, changed, to] of changesOf(node, source)) {
            const [start, end] = [changed.getStart(source), changed.getEnd()]
            const from = text.slice(start, end)
            const { line, character } = source.getLineAndCharacterOfPosition(start)
            const place = { line: line + 1, column: character + 1 }
            mutants.push({ file, ...place, start, end, operator, from, to })
        }
        ts.forEachChild(node, visit)
    }
    visit(source)
    return mutants
}

/** A file with one change in it. */
export function mutated(text: string, { start, end, to }: Mutant): string {
    return `${text.slice(0, start)}${to}${text.slice(end)}`
}

/**
 * So many of all mutants, spread evenly over them. The same mutants and seed give the same choice.
 *
 * @param seed Another seed chooses other mutants.
 */
export function spread<Value>(
    all: readonly Value[],
    count: number,
    seed: number = 0
): readonly Value[] {
    const step = Math.max(1, all.length / count)
    // The golden ratio visits every part of a step, so that few seeds choose most mutants.
    const phase = (0.5 + seed * 0.618_033_988_75) % 1
    const chosen = Array.from({ length: Math.min(count, all.length) }, (_, index) => {
        return all[Math.floor((index + phase) * step)]
    })
    return chosen.filter((value) => value !== undefined)
}
