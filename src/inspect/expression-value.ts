import { Monotonic } from '../base/monotonic.js'
import type { Expression } from './expression-parser.js'
import { isPromise } from './promise-span.js'
import { InspectError } from './recorded-republic.js'
import { isPublished, redactValue } from './redaction.js'

/** The names of an expression, and their values. A value is computed on demand. */
export type ExpressionNames = Readonly<Record<string, () => unknown>>

function partOf(value: unknown, part: unknown, isRedacted: boolean): unknown {
    const name = String(part)
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) {
        return null
    }
    const found: unknown = Reflect.get(value, name)
    return isRedacted && isPublished(value, name) ? redactValue(found) : found
}

function lengthOf(value: unknown): number {
    if (typeof value === 'string' || Array.isArray(value)) {
        return value.length
    }
    return typeof value === 'object' && value !== null ? Object.keys(value).length : 0
}

/** Orders two numbers, two promises, or two texts; `null` if the values have no order. */
function orderOf(left: unknown, right: unknown): number | null {
    if (typeof left === 'number' && typeof right === 'number') {
        return left - right
    }
    if (typeof left !== 'string' || typeof right !== 'string') {
        return null
    }
    if (isPromise(left) && isPromise(right)) {
        return Monotonic.compare(left, right)
    }
    return left < right ? -1 : left === right ? 0 : 1
}

function arithmetic(operator: string, left: unknown, right: unknown): number | string | null {
    if (operator === '+' && typeof left === 'string' && typeof right === 'string') {
        return left.length + right.length > 10_000 ? null : left + right
    }
    if (typeof left !== 'number' || typeof right !== 'number') {
        return null
    }
    switch (operator) {
        case '+':
            return left + right
        case '-':
            return left - right
        case '*':
            return left * right
        case '/':
            return left / right
        default:
            return left % right
    }
}

function comparison(operator: string, left: unknown, right: unknown): boolean {
    const order = orderOf(left, right)
    switch (operator) {
        case '==':
            return left === right
        case '!=':
            return left !== right
        case '<':
            return order !== null && order < 0
        case '<=':
            return order !== null && order <= 0
        case '>':
            return order !== null && order > 0
        default:
            return order !== null && order >= 0
    }
}

/**
 * The value of an expression. A missing part is `null`; the operators never throw.
 *
 * @throws InspectError for an unknown name.
 */
export function evaluate(
    expression: Expression, names: ExpressionNames, isRedacted: boolean
): unknown {
    const inner = (each: Expression): unknown => evaluate(each, names, isRedacted)
    switch (expression.kind) {
        case 'literal':
            return expression.value
        case 'name': {
            const { name } = expression
            const read = Object.hasOwn(names, name) ? names[name] : undefined
            if (read === undefined) {
                throw new InspectError(`There is no name ${name}. The names are ${
                    Object.keys(names).join(', ')}.`)
            }
            return read()
        }
        case 'part':
            return partOf(inner(expression.of), inner(expression.part), isRedacted)
        case 'call':
            return called(expression.name, inner(expression.argument))
        case 'unary': {
            const operand = inner(expression.operand)
            return expression.operator === '!'
                ? !isTrue(operand)
                : typeof operand === 'number' ? -operand : null
        }
        case 'binary':
            return binary(expression.operator, expression.left, expression.right, inner)
    }
}

function called(name: string, value: unknown): number | boolean {
    switch (name) {
        case 'length':
            return lengthOf(value)
        case 'exists':
            return value !== null && value !== undefined
        default:
            throw new InspectError(`There is no function ${name}, but length and exists.`)
    }
}

function binary(
    operator: string, left: Expression, right: Expression, inner: (each: Expression) => unknown
): unknown {
    switch (operator) {
        case '&&':
            return isTrue(inner(left)) && isTrue(inner(right))
        case '||':
            return isTrue(inner(left)) || isTrue(inner(right))
        case '+':
        case '-':
        case '*':
        case '/':
        case '%':
            return arithmetic(operator, inner(left), inner(right))
        default:
            return comparison(operator, inner(left), inner(right))
    }
}

/** Whether a value counts as true: all values except `false`, `null`, 0 and the empty text. */
export function isTrue(value: unknown): boolean {
    return value !== false && value !== null && value !== undefined && value !== 0 && value !== ''
}
