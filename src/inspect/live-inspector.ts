import { setTimeout as delay } from 'node:timers/promises'
import type { RevisionAnswer } from './answers.js'
import { Inspector } from './inspector.js'
import type { LiveJournal } from './live-journal.js'
import { RecordedRepublic } from './recorded-republic.js'

/** The time between two looks at the journals, in milliseconds. */
const LOOK_MS = 500

/** A new reading begins after this multiple of the time of the last one: a fifth of a processor. */
const REST = 4

/**
 * Answers the questions of the page about journals that grow. After a change, the journals are read
 * again, and the new recordings answer the next questions. A reading that fails leaves the last
 * recordings in place.
 */
export class LiveInspector {
    readonly #journals: readonly LiveJournal[]
    readonly #isRedacted: boolean
    #inspector: Inspector
    /** The recordings of the last variant. */
    #varied: Inspector
    #revision = 1
    #problem = ''

    private constructor(
        journals: readonly LiveJournal[], isRedacted: boolean, inspector: Inspector
    ) {
        this.#journals = journals
        this.#isRedacted = isRedacted
        this.#inspector = inspector
        this.#varied = inspector
    }

    /** Reads the journals for the first time. @throws KibitzError as `RecordedRepublic.open`. */
    static async open(journals: readonly LiveJournal[], isRedacted: boolean):
    Promise<LiveInspector> {
        for (const journal of journals) {
            await journal.look()
        }
        const inspector = await LiveInspector.#read(journals, isRedacted)
        return new LiveInspector(journals, isRedacted, inspector)
    }

    static async #read(journals: readonly LiveJournal[], isRedacted: boolean): Promise<Inspector> {
        const folders = journals.map(({ folder }) => folder)
        return new Inspector(await RecordedRepublic.open(folders, isRedacted))
    }

    /** Follows the journals until the signal aborts. */
    async follow(signal: AbortSignal): Promise<void> {
        let isDue = false
        let readAgainAt = 0
        while (!signal.aborted) {
            try {
                for (const journal of this.#journals) {
                    isDue = await journal.look() || isDue
                }
                this.#problem = ''
                if (isDue && performance.now() >= readAgainAt) {
                    isDue = false
                    const begun = performance.now()
                    await this.#readAgain().finally(() => {
                        const now = performance.now()
                        readAgainAt = now + REST * (now - begun)
                    })
                }
            } catch (error) {
                // The member may have stopped, or have replaced a file: the next look may succeed.
                isDue = true
                this.#problem = error instanceof Error ? error.message : String(error)
            }
            await delay(LOOK_MS, undefined, { signal }).catch(() => {})
        }
    }

    async #readAgain(): Promise<void> {
        this.#inspector = await LiveInspector.#read(this.#journals, this.#isRedacted)
        this.#revision++
    }

    /** The answer to a question. @throws as `Inspector.answer`. */
    async answer(question: string): Promise<object> {
        const revision: RevisionAnswer = { revision: this.#revision, problem: this.#problem }
        if (question === 'revision') {
            return revision
        }
        const isOfVariant = /[?&]variant=/.test(question)
        if (question.startsWith('what-if?')) {
            this.#varied = this.#inspector
        }
        const inspector = isOfVariant ? this.#varied : this.#inspector
        const answer = await inspector.answer(question)
        return question === 'overview' ? { ...answer, revision: revision.revision } : answer
    }
}
