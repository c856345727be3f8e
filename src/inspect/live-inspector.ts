import { setTimeout as delay } from 'node:timers/promises'
import type { RevisionAnswer } from './answers.js'
import { GrowingRepublic } from './growing-republic.js'
import { Inspector } from './inspector.js'
import type { LiveJournal } from './live-journal.js'

/** The time between two looks at the journals, in milliseconds. */
const LOOK_MS = 500

/** The pause after a reading, as a multiple of its time: a fifth of a processor. */
const REST = 4

/**
 * Answers the questions of the page about journals that grow. After a change, only the new inputs
 * are read. If a journal was replaced or damaged, all journals are read again, and the new
 * recordings answer the next questions. A reading that fails leaves the last recordings in place.
 */
export class LiveInspector {
    readonly #journals: readonly LiveJournal[]
    readonly #isRedacted: boolean
    #growing: GrowingRepublic
    #inspector: Inspector
    /** The recordings of the last variant. */
    #varied: Inspector
    /** The folders that have changed since the last reading. */
    readonly #changed = new Set<string>()
    #needsWhole = false
    /** The earliest instants of the next reading of new inputs, and of whole journals. */
    #growsAt = 0
    #readsAt = 0
    #revision = 1
    #problem = ''

    private constructor(
        journals: readonly LiveJournal[], isRedacted: boolean, growing: GrowingRepublic
    ) {
        this.#journals = journals
        this.#isRedacted = isRedacted
        this.#growing = growing
        this.#inspector = new Inspector(growing.republic)
        this.#varied = this.#inspector
    }

    /** Reads the journals for the first time. @throws KibitzError as `RecordedRepublic.open`. */
    static async open(journals: readonly LiveJournal[], isRedacted: boolean):
    Promise<LiveInspector> {
        for (const journal of journals) {
            await journal.look()
        }
        const folders = journals.map(({ folder }) => folder)
        return new LiveInspector(journals, isRedacted,
            await GrowingRepublic.open(folders, isRedacted))
    }

    /** Follows the journals until the signal aborts. */
    async follow(signal: AbortSignal): Promise<void> {
        while (!signal.aborted) {
            let problem = ''
            const tell = (error: unknown): void => {
                problem = error instanceof Error ? error.message : String(error)
            }
            // One member may have stopped: the page follows the others.
            for (const journal of this.#journals) {
                await this.#look(journal).catch(tell)
            }
            await this.#read().catch(tell)
            this.#problem = problem
            await delay(LOOK_MS, undefined, { signal }).catch(() => {})
        }
    }

    async #look(journal: LiveJournal): Promise<void> {
        if (await journal.look()) {
            this.#changed.add(journal.folder)
        }
    }

    /** Reads what has changed, unless the last reading was too long a short time ago. */
    async #read(): Promise<void> {
        if (this.#changed.size > 0 && !this.#needsWhole && performance.now() >= this.#growsAt) {
            const begun = performance.now()
            try {
                await this.#grow()
            } finally {
                this.#growsAt = restOf(begun)
            }
        }
        if (this.#needsWhole && performance.now() >= this.#readsAt) {
            const begun = performance.now()
            try {
                await this.#readWhole()
            } finally {
                this.#readsAt = restOf(begun)
            }
        }
    }

    async #grow(): Promise<void> {
        const changed = new Set(this.#changed)
        this.#changed.clear()
        this.#needsWhole = true
        const count = await this.#growing.grow(changed)
        this.#needsWhole = count === null
        this.#revision += count === null || count === 0 ? 0 : 1
    }

    async #readWhole(): Promise<void> {
        // The journals may change during the reading: the next look finds these changes.
        this.#changed.clear()
        const folders = this.#journals.map(({ folder }) => folder)
        this.#growing = await GrowingRepublic.open(folders, this.#isRedacted)
        this.#needsWhole = false
        this.#inspector = new Inspector(this.#growing.republic)
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

/** The end of the pause after a reading. */
function restOf(begun: number): number {
    const now = performance.now()
    return now + REST * (now - begun)
}
