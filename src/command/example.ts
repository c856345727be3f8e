import { readdirSync, readFileSync } from 'node:fs'
import { UsageError } from './usage-error.js'

const HELP = `\
kibitz example <name> > <name>.mjs

  Writes a complete service to standard output. Run it beside an installed kibitz.
  node <name>.mjs explains its arguments.

`

/** The folder of the compiled examples. */
const FOLDER = new URL('../examples/', import.meta.url)

/** The names of the examples, in order. */
function names(): string[] {
    return readdirSync(FOLDER)
        .filter((name) => name.endsWith('.js'))
        .map((name) => name.slice(0, -'.js'.length))
        .sort()
}

/** The source of an example. Outside the package, the example imports kibitz by its name. */
function sourceOf(name: string): string {
    return readFileSync(new URL(`${name}.js`, FOLDER), 'utf8')
        .replace("'../index.js'", "'kibitz'")
        .replace("'../recipes/index.js'", "'kibitz/recipes'")
        .replace(/^\/\/# sourceMappingURL=.*\n?/m, '')
}

/**
 * Prints one example; returns the exit code.
 *
 * @throws UsageError if the name is missing or unknown.
 */
export function example(args: readonly string[]): number {
    const [name, ...others] = args
    if (name === '--help' || name === '-h') {
        process.stdout.write(`${HELP}${names().map((each) => `  ${each}\n`).join('')}`)
        return 0
    }
    const choice = `Choose one of: ${names().join(', ')}.`
    if (name === undefined || others.length > 0) {
        throw new UsageError(`Name one example. ${choice}`)
    }
    if (!names().includes(name)) {
        throw new UsageError(`There is no example ${name}. ${choice}`)
    }
    process.stdout.write(sourceOf(name))
    return 0
}
