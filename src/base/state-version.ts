/** The format in which states are written, and the only one that is read. */
export const STATE_VERSION = 1

/**
 * Refuses what is no state of this format, so that a mistake is not taken for a member.
 *
 * @param fresh The state of a new instance, which has every field.
 * @throws Error that says what is wrong with it.
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
