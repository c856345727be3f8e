/** What the checkers remember of a process. */
export class Memory {
    /** The place of its last entry in the chronicle of its republic. */
    position = -1
    promised = '0/0/0'
    accepted = '0/0/0'
    head = '0/0'
    government = '0/0'
    /** The ticket it settled last. */
    ticket = 0
}
