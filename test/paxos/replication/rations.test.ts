import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
    learnersRation, type Ration, votersRation
} from '../../../src/paxos/replication/rations.js'
import type { Log } from '../../../src/paxos/log/log.js'
import type { Welcome } from '../../../src/paxos/messages/messages.js'
import { PeerProgress } from '../../../src/paxos/replication/peer-progress.js'
import { entries, governmentOf, logOf, numbers } from '../sample.js'

const LIMIT = {
    window: 2,
    run: { entries: 3, weight: 1e9 },
    catchUp: { entries: 4, weight: 1e9 },
    suffix: { entries: 6, weight: 1e9 }
}

/** A peer with this progress. */
function peer(known: Partial<PeerProgress>): PeerProgress {
    return Object.assign(new PeerProgress({ id: '1', immigrated: '5/3' }), known)
}

/** Twelve entries, the first eight committed. */
function log(): Log {
    return logOf('5/0', entries('5/0', numbers(5, 12)), 8)
}

function said(ration: Ration | null): string | null {
    if (ration === null) {
        return null
    }
    const { welcome, previous, last } = ration
    const promises = ration.entries.map(({ promise }) => promise)
    return `${welcome === null ? '' : 'welcome '}${previous}: ${promises.join(' ')} → ${last}`
}

describe('a learner', () => {
    const fed = (known: Partial<PeerProgress>, due = false, of = log()): string | null => {
        return said(learnersRation(of, peer(known), LIMIT, due))
    }
    const fedLater = (known: Partial<PeerProgress>, due = false, of = log()): string | null => {
        return said(learnersRation(of, peer(known), LIMIT, due, true))
    }

    test('gets the committed entries behind its commit mark, one run at a time', () => {
        assert.equal(fed({ holds: 2 }), '5/2: 5/3 5/4 5/5 5/6 → 6')
        assert.equal(fed({ holds: 6 }), '5/6: 5/7 5/8 → 8')
    })

    test('gets nothing if it is level, and an empty run if a ping is due', () => {
        assert.equal(fed({ holds: 8 }), null)
        assert.equal(fed({ holds: 8 }, true), '5/8:  → 8')
    })

    test('gets one run at a time, and a few more with pings', () => {
        assert.equal(fed({ holds: 2, calls: 1 }), null)
        assert.equal(fed({ holds: 2, calls: 3 }, true), '5/2: 5/3 5/4 5/5 5/6 → 6')
        assert.equal(fed({ holds: 2, calls: 4 }, true), null)
    })

    test('gets the next run in spite of overtaken calls, up to twice the window', () => {
        assert.equal(fed({ holds: 2, calls: 3, overtaken: 3 }), '5/2: 5/3 5/4 5/5 5/6 → 6')
        assert.equal(fed({ holds: 2, calls: 3, overtaken: 2 }), null)
        assert.equal(fed({ holds: 2, calls: 4, overtaken: 4 }), null)
        assert.equal(fed({ holds: 2, calls: 5, overtaken: 4 }, true), '5/2: 5/3 5/4 5/5 5/6 → 6')
        assert.equal(fed({ holds: 2, calls: 6, overtaken: 5 }, true), null)
    })

    test('waits for more entries if it may, unless it lacks many entries or a ping is due', () => {
        assert.equal(fedLater({ holds: 2 }), null)
        assert.equal(fedLater({ holds: 2 }, true), '5/2: 5/3 5/4 5/5 5/6 → 6')
        assert.equal(fedLater({ holds: -1 }), '5/8:  → 8')
        const long = logOf('5/0', entries('5/0', numbers(5, 80)), 66)
        assert.equal(fedLater({ holds: 3 }, false, long), null)
        assert.equal(fedLater({ holds: 2 }, false, long), '5/2: 5/3 5/4 5/5 5/6 → 6')
    })

    test('is probed if its commit mark is unknown', () => {
        assert.equal(fed({ holds: -1 }), '5/8:  → 8')
    })

    test('is probed when a ping is due if the log has forgotten its next entry', () => {
        const long = logOf('5/0', entries('5/0', numbers(5, 1100)), 1100)
        long.trim('5/44c')
        assert.equal(fed({ holds: 5 }, false, long), null)
        assert.equal(fed({ holds: 5 }, true, long), '5/44c:  → 1100')
    })

    test('gets its admission first, with the welcome', () => {
        const welcoming = log()
        const welcome: Welcome = { founding: 'f', government: governmentOf('0'), census: {} }
        welcoming.keepWelcome(3, welcome)
        const ration = learnersRation(welcoming, peer({ stranger: true }), LIMIT, false)
        assert.equal(said(ration), 'welcome 5/2: 5/3 5/4 5/5 5/6 → 6')
        assert.equal(ration?.welcome, welcome)
    })

    test('is probed if its admission is forgotten or not yet committed', () => {
        const long = logOf('5/0', entries('5/0', numbers(5, 1100)), 1100)
        long.trim('5/44c')
        assert.equal(fed({ stranger: true }, false, long), '5/44c:  → 1100')
        const early = logOf('5/0', entries('5/0', numbers(5, 12)), 2)
        assert.equal(fed({ stranger: true }, false, early), '5/2:  → 2')
    })
})

describe('a voter', () => {
    const fed = (known: Partial<PeerProgress>, due = false): string | null => {
        return said(votersRation(log(), peer(known), LIMIT, due))
    }

    test('is probed while its commit mark is unknown', () => {
        assert.equal(fed({ holds: -1 }), '5/8:  → 8')
    })

    test('gets every entry from its commit mark through the head first, one run at a time', () => {
        assert.equal(fed({ holds: 7 }), '5/7: 5/8 5/9 5/a 5/b 5/c → 12')
        assert.equal(fed({ holds: 7, calls: 1 }), null)
        assert.equal(fed({ holds: 7, calls: 1 }, true), '5/7: 5/8 5/9 5/a 5/b 5/c → 12')
    })

    test('gets committed entries first if the entries through the head exceed one run', () => {
        assert.equal(fed({ holds: 5 }), '5/5: 5/6 5/7 5/8 → 8')
        assert.equal(fed({ holds: 1 }), '5/1: 5/2 5/3 5/4 5/5 → 5')
    })

    test('gets a window of runs after its first acceptance', () => {
        const matched = { holds: 8, matched: true, match: 8, next: 9, marked: 8 }
        assert.equal(fed(matched), '5/8: 5/9 5/a 5/b → 11')
        assert.equal(fed({ ...matched, next: 12, calls: 1 }), '5/b: 5/c → 12')
        assert.equal(fed({ ...matched, next: 12, calls: 2 }), null)
    })

    test('gets a window of runs in spite of overtaken calls, up to twice the window', () => {
        const matched = { holds: 8, matched: true, match: 8, next: 12, marked: 8 }
        assert.equal(fed({ ...matched, calls: 3, overtaken: 2 }), '5/b: 5/c → 12')
        assert.equal(fed({ ...matched, calls: 3, overtaken: 1 }), null)
        assert.equal(fed({ ...matched, calls: 4, overtaken: 3 }), null)
        assert.equal(fed({ holds: 7, calls: 1, overtaken: 1 }), '5/7: 5/8 5/9 5/a 5/b 5/c → 12')
        assert.equal(fed({ holds: 7, calls: 2, overtaken: 1 }), null)
    })

    test('gets unanswered entries again with a ping', () => {
        const waiting = peer({ holds: 8, matched: true, match: 9, next: 13, marked: 8, calls: 2 })
        assert.equal(said(votersRation(log(), waiting, LIMIT, false)), null)
        assert.equal(said(votersRation(log(), waiting, LIMIT, true)), '5/9: 5/a 5/b 5/c → 12')
        assert.equal(waiting.next, 10)
        assert.equal(fed({ holds: 8, matched: true, match: 9, next: 13, calls: 4 }, true), null)
    })

    test('gets the entries behind its match again once no call is under way', () => {
        const missing = { holds: 8, matched: true, match: 9, next: 13, marked: 8 }
        assert.equal(fed({ ...missing, calls: 1 }), null)
        assert.equal(fed(missing), '5/9: 5/a 5/b 5/c → 12')
    })

    test('gets the commit mark after it has accepted every entry', () => {
        const level = { holds: 7, matched: true, match: 12, next: 13 }
        const waiting = peer({ ...level, marked: 7 })
        assert.equal(said(votersRation(log(), waiting, LIMIT, false, true)), null)
        assert.equal(said(votersRation(log(), waiting, LIMIT, true, true)), '5/c:  → 12')
        assert.equal(fed({ ...level, marked: 7 }), '5/c:  → 12')
        assert.equal(fed({ ...level, marked: 7, holds: 8 }), null)
        assert.equal(fed({ ...level, marked: 7, calls: 1 }), null)
        assert.equal(fed({ ...level, marked: 7, calls: 1, overtaken: 1 }), '5/c:  → 12')
        assert.equal(fed({ ...level, marked: 8 }), null)
        assert.equal(fed({ ...level, marked: 8 }, true), '5/c:  → 12')
    })
})
