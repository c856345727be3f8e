/** What is wrong with how a program was called. Nothing was done. */
export class UsageError extends Error {
    override readonly name: string = 'UsageError'
}
