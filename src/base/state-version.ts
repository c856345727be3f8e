/** The format of written states. A state of another format is not read. */
export const STATE_VERSION = 1

/**
 * Rejects a value that is not a state of this format.
 *
 * @param fresh The state of a new instance, which has every field.
 * @throws Error that names the version or the missing fields.
 */
export function assertState(state: object, fresh: object): void {
    const version = 'version' in state ? state.version : undefined
    if (version !== STATE_VERSION) {
        throw new Error(`a state of version ${version} is not read, only of ${STATE_VERSION}`)
    }
    const lacking = Object.keys(fresh).filter((name) => !Object.hasOwn(state, name))
    if (lacking.length !== 0) {
        throw new Error(`the state lacks ${lacking.join(', ')}`)
    }
}
