import { type Signal, signal } from '@preact/signals'
import type { OverviewAnswer, RevisionAnswer } from '../answers.js'
import { ask } from './client.js'
import { overview, readWindow, refreshStep, visible } from './store.js'
import { shownVariant } from './what-if-store.js'

/** Whether the page follows running members. */
export const isLive: Signal<boolean> = signal(false)

/** Why the last look at the journals failed; empty without a problem. */
export const liveProblem: Signal<string> = signal('')

/** The time between two questions for a new revision, in milliseconds. */
const LOOK_MS = 1_000

/** Shows the new overview. A chart that shows the end keeps showing the end. */
async function refresh(last: OverviewAnswer): Promise<void> {
    const answer = await ask<OverviewAnswer>('overview')
    if (shownVariant.value !== null) {
        return
    }
    overview.value = answer
    refreshStep(answer)
    const [from, to] = visible.value
    if (to >= last.to) {
        const isWhole = from <= last.from
        const moved = answer.to - last.to
        visible.value = [isWhole ? from : from + moved, to + moved]
    }
    await readWindow()
}

/** Follows running members, if the server does. Ends if the server ends. */
export async function follow(): Promise<void> {
    const { value: opened } = overview
    isLive.value = opened.state === 'ready' && opened.revision !== undefined
    while (isLive.value) {
        await new Promise((resolve) => {
            setTimeout(resolve, LOOK_MS)
        })
        try {
            const { revision, problem } = await ask<RevisionAnswer>('revision')
            liveProblem.value = problem
            const { value } = overview
            // A variant stays in the chart until the user goes back to the recordings.
            const isShown = value.state === 'ready' && shownVariant.value === null
            if (isShown && value.revision !== revision) {
                await refresh(value)
            }
        } catch (error) {
            liveProblem.value = error instanceof Error ? error.message : String(error)
        }
    }
}
