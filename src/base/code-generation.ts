import { KibitzError } from './errors.js'

/**
 * Refuses a process that forbids code from strings (`--disallow-code-generation-from-strings`).
 * The packages operation (below conduit, procession, destructible and signal) and cadence compile
 * small functions from strings, at places that this library cannot avoid: the queues and the Caller
 * of a Kibitzer are built by them.
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
