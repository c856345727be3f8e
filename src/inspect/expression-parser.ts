import { InspectError } from './recorded-republic.js'

/** An expression over a state, as a syntax tree. */
export type Expression =
    | { readonly kind: 'literal', readonly value: string | number | boolean | null }
    | { readonly kind: 'name', readonly name: string }
    | { readonly kind: 'part', readonly of: Expression, readonly part: Expression }
    | { readonly kind: 'call', readonly name: string, readonly argument: Expression }
    | { readonly kind: 'unary', readonly operator: string, readonly operand: Expression }
    | {
        readonly kind: 'binary'
        readonly operator: string
        readonly left: Expression
        readonly right: Expression
    }

/** The length of an expression, in characters. */
const LENGTH_MAX = 1_000

/** The depth of an expression. */
const DEPTH_MAX = 50

const TOKEN = new RegExp([
    '\\s+',
    '(?<number>\\d+(?:\\.\\d+)?)',
    '(?<name>[A-Za-z_][A-Za-z0-9_]*)',
    '(?<text>"(?:[^"\\\\]|\\\\.)*"|\'(?:[^\'\\\\]|\\\\.)*\')',
    '(?<sign>==|!=|<=|>=|&&|\\|\\||[-+*/%<>!().\\[\\]])'
].join('|'), 'y')

interface Token {
    readonly kind: 'number' | 'name' | 'text' | 'sign' | 'end'
    readonly text: string
    readonly at: number
}

/** The binary operators, from the weakest to the strongest. */
const LEVELS: readonly (readonly string[])[] = [
    ['||'], ['&&'], ['==', '!='], ['<', '<=', '>', '>='], ['+', '-'], ['*', '/', '%']
]

const WORDS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null }

function tokensOf(source: string): Token[] {
    const tokens: Token[] = []
    TOKEN.lastIndex = 0
    while (TOKEN.lastIndex < source.length) {
        const at = TOKEN.lastIndex
        const match = TOKEN.exec(source)
        if (match === null) {
            throw new InspectError(`The expression cannot be read at character ${at + 1}: ${
                source.slice(at, at + 12)}.`)
        }
        for (const kind of ['number', 'name', 'text', 'sign'] as const) {
            const text = match.groups?.[kind]
            if (text !== undefined) {
                tokens.push({ kind, text, at })
            }
        }
    }
    return [...tokens, { kind: 'end', text: 'the end', at: source.length }]
}

/** Reads one expression. */
class Parser {
    readonly #tokens: readonly Token[]
    #index = 0
    #depth = 0

    constructor(source: string) {
        this.#tokens = tokensOf(source)
    }

    whole(): Expression {
        const expression = this.#level(0)
        if (this.#peek().kind !== 'end') {
            this.#fail()
        }
        return expression
    }

    #peek(): Token {
        return this.#tokens[this.#index] ?? { kind: 'end', text: 'the end', at: 0 }
    }

    #fail(): never {
        const { text, at } = this.#peek()
        throw new InspectError(`The expression cannot be read at character ${at + 1}: ${text}.`)
    }

    #take(sign: string): boolean {
        const { kind, text } = this.#peek()
        if (kind === 'sign' && text === sign) {
            this.#index++
            return true
        }
        return false
    }

    #demand(sign: string): void {
        if (!this.#take(sign)) {
            this.#fail()
        }
    }

    #deeper<T>(read: () => T): T {
        this.#depth++
        if (this.#depth > DEPTH_MAX) {
            throw new InspectError(`An expression has at most ${DEPTH_MAX} levels.`)
        }
        const result = read()
        this.#depth--
        return result
    }

    #level(level: number): Expression {
        const operators = LEVELS[level]
        if (operators === undefined) {
            return this.#unary()
        }
        let left = this.#deeper(() => this.#level(level + 1))
        for (;;) {
            const operator = operators.find((sign) => this.#take(sign))
            if (operator === undefined) {
                return left
            }
            const right = this.#deeper(() => this.#level(level + 1))
            left = { kind: 'binary', operator, left, right }
        }
    }

    #unary(): Expression {
        for (const operator of ['!', '-']) {
            if (this.#take(operator)) {
                return { kind: 'unary', operator, operand: this.#deeper(() => this.#unary()) }
            }
        }
        return this.#parts()
    }

    #parts(): Expression {
        let expression = this.#primary()
        for (;;) {
            if (this.#take('.')) {
                const { kind, text } = this.#peek()
                if (kind !== 'name') {
                    this.#fail()
                }
                this.#index++
                const part = { kind: 'literal', value: text } as const
                expression = { kind: 'part', of: expression, part }
            } else if (this.#take('[')) {
                const part = this.#deeper(() => this.#level(0))
                this.#demand(']')
                expression = { kind: 'part', of: expression, part }
            } else {
                return expression
            }
        }
    }

    #primary(): Expression {
        if (this.#take('(')) {
            const expression = this.#deeper(() => this.#level(0))
            this.#demand(')')
            return expression
        }
        const { kind, text } = this.#peek()
        this.#index++
        switch (kind) {
            case 'number':
                return { kind: 'literal', value: Number(text) }
            case 'text':
                return { kind: 'literal', value: text.slice(1, -1).replace(/\\(.)/gs, '$1') }
            case 'name':
                return this.#named(text)
            default:
                this.#index--
                return this.#fail()
        }
    }

    #named(name: string): Expression {
        if (Object.hasOwn(WORDS, name)) {
            return { kind: 'literal', value: WORDS[name] ?? null }
        }
        if (!this.#take('(')) {
            return { kind: 'name', name }
        }
        const argument = this.#deeper(() => this.#level(0))
        this.#demand(')')
        return { kind: 'call', name, argument }
    }
}

/**
 * Reads an expression such as `role == "leader" && waiting > 10`. An expression has names, parts
 * (`a.b`, `a[0]`), numbers, texts, operators, and the functions `length` and `exists`; it can
 * neither call anything else nor change anything.
 *
 * @throws InspectError with the place of the mistake.
 */
export function parseExpression(source: string): Expression {
    if (source.length > LENGTH_MAX) {
        throw new InspectError(`An expression has at most ${LENGTH_MAX} characters.`)
    }
    return new Parser(source).whole()
}
