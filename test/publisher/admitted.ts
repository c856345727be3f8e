import assert from 'node:assert/strict'
import type { PublishWindowState } from '../../src/publisher/islander-types.js'
import { Session } from './session.js'
import { committed, governed } from '../paxos/leader.js'

/** A change that admits the publisher in a republic of version 2. */
export const ADMISSION = { immigrate: { id: '0', properties: null, cookie: 0 }, version: 2 }

/** A session in a republic of version 2 whose Islander has seen its admission at `1/0`. */
export function admitted(): Session {
    const session = new Session()
    session.push(governed('1/0', ADMISSION))
    return session
}

/** Shows these identities in the log. */
export function show(session: Session, ...cookies: readonly string[]): void {
    for (const cookie of cookies) {
        session.push(committed(`9/${cookie.slice(cookie.indexOf('/') + 1)}`, cookie))
    }
}

/** Shows a collapse. */
export function collapse(session: Session): void {
    session.push(governed('2/0', { map: null, version: 2 }))
}

/** The state of the publisher's identities. */
export function windowOf(session: Session): PublishWindowState {
    return session.islander.state().window ?? assert.fail('the publisher has no identities')
}
