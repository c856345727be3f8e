import type { FailedAnswer, ReadingAnswer } from './answers.js'
import { Inspector } from './inspector.js'
import { InspectError, RecordedRepublic } from './recorded-republic.js'

/**
 * An inspector that is still reading its journals. The journals come into memory first; then the
 * questions are answered from the part that is read, while the reading goes on.
 */
export class OpeningInspector {
    #state: ReadingAnswer | FailedAnswer = { state: 'reading', done: 0, of: 1 }
    #inspector: Inspector | null = null
    /** Settles after the reading; rejects with the error of the reading. */
    readonly opened: Promise<Inspector>

    /** @param signal Ends the reading with `aborted`. */
    constructor(
        folders: readonly string[], isRedacted: boolean, signal: AbortSignal | null = null
    ) {
        this.opened = this.#open(folders, isRedacted, signal)
        this.opened.catch((error: unknown) => {
            const message = error instanceof Error ? error.message : String(error)
            this.#inspector = null
            this.#state = { state: 'failed', message }
        })
    }

    async #open(
        folders: readonly string[], isRedacted: boolean, signal: AbortSignal | null
    ): Promise<Inspector> {
        const republic = await RecordedRepublic.begin(folders, isRedacted, {
            signal,
            progress: ({ done, of }) => {
                this.#state = { state: 'reading', done, of }
            }
        })
        const inspector = new Inspector(republic)
        await republic.read({
            signal,
            progress: () => {
                // The first inputs are read.
                this.#inspector = inspector
            }
        })
        this.#inspector = inspector
        return inspector
    }

    /** The answer to a question. @throws as `Inspector.answer`. */
    async answer(question: string): Promise<object> {
        if (this.#inspector !== null) {
            return await this.#inspector.answer(question)
        }
        if (question === 'overview') {
            return this.#state
        }
        throw new InspectError('The recordings are still being read. Try again later.')
    }
}
