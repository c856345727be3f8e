import ts from 'typescript'
import { filesOfCore } from '../exploration/copy.js'
import type { Change } from '../planted/planter.js'
import { compiledTexts, functionsOf } from '../support/compiled.js'

/** The name of a function that continues from a written state. */
const RESTORES = /(?:^|\.)(?:restore|recall)\w*$/

/** A change by which the engine forgets one statement of what was written. */
export interface Oblivion extends Change {
    readonly forgets: string
}

/** Whether a statement gives the continuing engine a part of what was written. */
function isRemembering(node: ts.Node): boolean {
    if (!ts.isExpressionStatement(node)) {
        return false
    }
    const { expression } = node
    const isAssignment = ts.isBinaryExpression(expression) &&
        expression.operatorToken.kind === ts.SyntaxKind.EqualsToken
    return isAssignment ||
        (ts.isCallExpression(expression) && expression.expression.getText() !== 'assertState')
}

function* remembering(node: ts.Node): Generator<ts.Node> {
    if (isRemembering(node)) {
        yield node
        return
    }
    const children: ts.Node[] = []
    ts.forEachChild(node, (child) => {
        children.push(child)
    })
    for (const child of children) {
        yield* remembering(child)
    }
}

/** Every way to forget one statement of what was written. */
export function oblivions(): readonly Oblivion[] {
    const texts = compiledTexts()
    const restoring = [...filesOfCore()]
        .flatMap((file) => functionsOf(file, texts.get(file) ?? ''))
        .filter(({ name }) => RESTORES.test(name))
    return restoring.flatMap(({ file, body }) => [...remembering(body)].map((node) =>
        ({ file, start: node.getStart(), end: node.getEnd(), to: ';', forgets: node.getText() })))
}
