import { batch, type Signal, signal } from '@preact/signals'
import type { OverviewAnswer } from '../answers.js'
import type { WhatIfAnswer, WhatIfTestAnswer } from '../what-if-answers.js'
import { ask, askVariant, questionOf } from './client.js'
import { overview, problem, readWindow, step, take } from './store.js'

/** The result of the last variant. */
export const whatIf: Signal<WhatIfAnswer | null> = signal(null)

/** The variant in the chart; `null`: the chart shows the recordings. */
export const shownVariant: Signal<number | null> = signal(null)

/** Runs a variant. */
export async function tryVariant(parts: Readonly<Record<string, string | number | null>>):
Promise<void> {
    await take<WhatIfAnswer>('what-if', questionOf('what-if', parts), (answer) => {
        whatIf.value = answer
    })
}

/** Shows a variant in the chart, or the recordings again. */
export async function showVariant(id: number | null): Promise<void> {
    askVariant(id)
    try {
        const answer = await ask<OverviewAnswer>('overview')
        batch(() => {
            overview.value = answer
            shownVariant.value = id
            step.value = null
            problem.value = ''
        })
        await readWindow()
    } catch (error) {
        askVariant(shownVariant.value)
        problem.value = error instanceof Error ? error.message : String(error)
    }
}

/** Saves a test that repeats the variant: the browser writes the file. */
export async function saveTest(id: number): Promise<void> {
    await take<WhatIfTestAnswer>('save', questionOf('what-if-test', { variant: id }),
        ({ name, text }) => {
            const link = document.createElement('a')
            link.href = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))
            link.download = name
            link.click()
            URL.revokeObjectURL(link.href)
        })
}
