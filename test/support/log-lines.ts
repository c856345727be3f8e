import type { TestContext } from 'node:test'
import Logger, { type Entry } from 'prolific.logger'

/** The log lines that pass the default level, until the test ends. */
export function listen(context: TestContext): Entry[] {
    const lines: Entry[] = []
    const { sink } = Logger
    const { queue } = sink
    sink.queue = { push: (line) => void lines.push(line) }
    context.after(() => {
        sink.queue = queue
    })
    return lines
}
