import { type ParseArgsConfig, parseArgs } from 'node:util'

/** The command line is wrong. The program did nothing; the message says what to correct. */
export class UsageError extends Error {
    override readonly name: string = 'UsageError'
}

type OptionsConfig = NonNullable<ParseArgsConfig['options']>

/** The arguments after a subcommand: the values of its options, and the other words in order. */
export type ParsedOptions<Options extends OptionsConfig> = ReturnType<
    typeof parseArgs<{ args: string[]; allowPositionals: true; options: Options }>
>

/**
 * Reads the arguments of a subcommand.
 *
 * @throws UsageError if an option is unknown, or if its value is missing or not allowed.
 */
export function parseOptions<Options extends OptionsConfig>(
    args: readonly string[],
    options: Options
): ParsedOptions<Options> {
    try {
        return parseArgs({ args: [...args], allowPositionals: true, options })
    } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        // The first sentence names the option. The other sentences explain `parseArgs`.
        throw new UsageError(`${message.split('. ')[0]}.`)
    }
}
