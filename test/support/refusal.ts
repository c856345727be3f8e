import assert from 'node:assert/strict'
import { KibitzError, type KibitzErrorCode, type Kibitzer } from '../../src/index.js'

/** Checks that an error is a KibitzError of this code whose text says what to do. */
export function isRefusal(code: KibitzErrorCode): (error: unknown) => true {
    return (error) => {
        assert.ok(error instanceof KibitzError, `${error} is none of ours`)
        assert.equal(error.code, code)
        assert.equal(error.name, 'KibitzError')
        assert.match(error.message, /^[A-Z0-9].*[.]$/s)
        assert.ok(error.message.split(/[.;] /).length > 1, `it says what to do: ${error.message}`)
        return true
    }
}

/** The state of a member that a refused call leaves unchanged, as text. */
export function state(kibitzer: Kibitzer): string {
    const { paxos, islander } = kibitzer
    // The age of the last contact with a leader rises with the time of each input.
    const { rejected: _rejected, leaderSeenMs: _age, ...status } = kibitzer.status()
    return JSON.stringify({
        inspection: paxos.inspect(),
        government: paxos.government,
        calendar: paxos.scheduler.calendar(),
        history: paxos.history(null),
        tickets: islander.tickets,
        status
    })
}
