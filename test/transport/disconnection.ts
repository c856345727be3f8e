import assert from 'node:assert/strict'
import { envelope, FakeKibitzer } from '../../src/transport/conformance/fake-kibitzer.js'

/** The two functions of a transport that this check uses. */
export interface Connecting {
    listen(callee: FakeKibitzer): Promise<{ readonly url: string; close(): Promise<void> }>
    connect(caller: FakeKibitzer): () => void
}

/** Checks that the undo of `connect` ends a call without an answer. */
export async function checkUndo({ listen, connect }: Connecting): Promise<void> {
    const callee = new FakeKibitzer('b')
    const { url, close } = await listen(callee)
    const caller = new FakeKibitzer('a')
    const disconnect = connect(caller)
    const asked = new Promise<void>((resolve) => {
        callee.answer = () => {
            resolve()
            return new Promise(() => {})
        }
    })
    const call = caller.call(envelope({ url }))
    await asked
    disconnect()
    assert.equal(await call, null)
    await close()
}
