import type { KibitzError } from '../../src/base/errors.js'
import { FlushGate } from '../../src/member/flush-gate.js'
import type { Played } from '../../src/member/inputs.js'

/** A gate by which what breaks in whatever has passed is not told apart from what broke. */
export class Watched extends FlushGate {
    readonly #broken: unknown[] = []
    #isReleasing = false

    override pass(action: () => void, abandon?: (failure: KibitzError) => void): void {
        if (this.isOpen) {
            action()
            return
        }
        super.pass(this.#watch(action), abandon)
    }

    override passEntries(through: number, action: () => void): void {
        if (this.mayDeliver(through)) {
            action()
            return
        }
        super.passEntries(through, this.#watch(action))
    }

    override passCall(through: number, call: () => void): void {
        super.passCall(through, this.#watch(call))
    }

    /** Watches the answers of the disk too, once the member listens to them. */
    watchAnswers(): void {
        const { disk } = this
        if (disk !== null) {
            this.disk = {
                isAwaited: () => disk.isAwaited(),
                ask: () => {
                    const answer = disk.ask()
                    return answer && this.#watch(answer)
                }
            }
        }
    }

    /** Lets a flush end. The gate itself would report what breaks then, and go on. */
    release(end: () => void): void {
        this.#isReleasing = true
        end()
        this.#isReleasing = false
    }

    #watch(run: () => void): () => void {
        return () => {
            try {
                run()
            } catch (error) {
                if (!this.#isReleasing) {
                    throw error
                }
                this.#broken.push(error)
            }
        }
    }

    /** Throws what has broken. */
    rejectBroken(): void {
        for (const error of this.#broken) {
            throw error
        }
    }
}

/** A gate that lets everything pass at once: what no Kibitzer may have. */
export class Ajar extends Watched {
    override record(played: Played, isAwaited: boolean = true): boolean {
        const isRecorded = super.record(played, isAwaited)
        this.isOpen = isRecorded
        return isRecorded
    }

    override pass(action: () => void): void {
        action()
    }

    override passCall(_through: number, call: () => void): void {
        call()
    }
}
