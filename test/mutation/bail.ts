/** What a reporter of `node:test` is told. */
interface Event {
    readonly type: string
}

/** A reporter that ends the process at the first test that fails. */
export default async function* bail(events: AsyncIterable<Event>): AsyncGenerator<string> {
    for await (const { type } of events) {
        if (type === 'test:fail') {
            process.exit(1)
        }
    }
    yield ''
}
