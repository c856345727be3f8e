import type { Reader } from './checks/chronicle.js'

/** What the checkers remember of a process. */
export class Memory implements Reader {
    readonly id: string
    /** The place of its last entry in the chronicle of its republic. */
    position = -1
    promised = '0/0/0'
    accepted = '0/0/0'
    head = '0/0'
    government = '0/0'
    /** The last record of its journal by which where it stands has changed. */
    through = 0
    /** How far one that has come back has delivered anew what it had delivered; else `null`. */
    again: Reader | null = null
    /** How many steps it has taken. */
    steps = 0
    /** It has asked to leave, and has led since. */
    hasAsked = false
    hasLed = false
    /** Where it stood when it came back as a leader; `null` where it did not. */
    led: { readonly ballot: string, readonly committed: string } | null = null
    /** To whom it was handing over. */
    successor: string | null = null

    constructor(id: string) {
        this.id = id
    }
}
