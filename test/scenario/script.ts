import assert from 'node:assert/strict'

/** A command of a scenario, with the lines above the command and its expected output. */
export interface Step {
    readonly above: readonly string[]
    readonly command: string
    readonly expected: readonly string[]
}

/** The arguments of a command: words, and `name=value`. */
export interface Words {
    readonly plain: readonly string[]
    readonly named: Readonly<Record<string, string>>
}

const RULE = '----'

/** A command is a line with a rule below it; comments and empty lines stand above a command. */
export function parse(text: string): readonly Step[] {
    const lines = text.split('\n')
    const steps: Step[] = []
    let above: string[] = []
    let expected: string[] = []
    lines.forEach((line, index) => {
        if (line === RULE) {
            expected = []
        } else if (lines[index + 1] === RULE) {
            expected = []
            steps.push({ above, command: line, expected: [] })
            above = []
        } else if (line === '' || line.startsWith('#')) {
            above.push(line)
        } else {
            const step = steps.pop()
            assert(step !== undefined && above.length === 0, `who says this? ${line}`)
            expected.push(line)
            steps.push({ ...step, expected })
        }
    })
    return steps
}

/** The text of a scenario, which `parse` can read. */
export function print(steps: readonly Step[]): string {
    return steps
        .flatMap(({ above, command, expected }) => [...above, command, RULE, ...expected])
        .join('\n')
        .concat('\n')
}

/** Splits a line into its words. */
export function wordsOf(words: readonly string[]): Words {
    const isNamed = (word: string): boolean => /^[a-z]+=/.test(word)
    return {
        plain: words.filter((word) => !isNamed(word)),
        named: Object.fromEntries(words.filter(isNamed).map((word) => word.split('=')))
    }
}
