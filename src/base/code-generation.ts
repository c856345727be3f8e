import { KibitzError } from './errors.js'

/**
 * Rejects a process that forbids code generation from strings
 * (`--disallow-code-generation-from-strings`). Two dependencies compile small functions from
 * strings: operation (below conduit, procession, destructible and signal) and cadence. The queues
 * and the Caller of a Kibitzer need these packages, so kibitz cannot run without code generation.
 *
 * @throws KibitzError `unsupported`
 */
export function rejectWithoutCodeGeneration(): void {
    try {
        new Function('')
    } catch (cause) {
        throw new KibitzError(
            'unsupported',
            'This process forbids code generation from strings ' +
                '(--disallow-code-generation-from-strings), but two dependencies of kibitz, ' +
                'operation and cadence, compile functions from strings. Nothing was started. ' +
                'Start the process without that flag.',
            { cause }
        )
    }
}
