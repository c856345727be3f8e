import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Copy, type Patch } from './copy.js'
import { withoutCoverage } from '../support/environment.js'

/**
 * A bug without a consequence in almost every simulated republic. A directed test of the engine
 * arranges the consequence, and finds the bug.
 */
export interface Directed {
    readonly name: string
    /** The test that fails: a file of the compiled tests, and a part of the test's name. */
    readonly file: string
    readonly test: string
    readonly patches: readonly Patch[]
}

const BALLOTS = 'paxos/election/ballots.test.js'
const GUIDANCE = 'paxos/guidance.test.js'

/** Bugs by which one ballot mixes with another ballot. */
export const directed: readonly Directed[] = [{
    name: 'a leader keeps writing after the leader has promised another ballot',
    file: BALLOTS,
    test: 'own writing',
    patches: [{
        file: 'paxos/candidate.js',
        from: 'this.stepDown();\n        this.concede();\n        this.appoint(',
        to: 'this.concede();\n        this.appoint('
    }]
}, {
    name: 'a follower\'s acceptance of another ballot counts as a match',
    file: BALLOTS,
    test: 'accepted the entry under another ballot',
    patches: [{
        file: 'paxos/correspondent.js',
        from: 'const isAccepted = isOurs && answer.accepted === this.writer?.ballot;',
        to: 'const isAccepted = isOurs;'
    }]
}, {
    name: 'a follower takes the first run under a ballot in pieces',
    file: BALLOTS,
    test: 'is taken as a whole',
    patches: [{
        file: 'paxos/replication/rations.js',
        from: 'const whole = log.run(peer.holds, log.head, limit.suffix);',
        to: 'const whole = log.run(peer.holds, log.head, limit.run);'
    }, {
        file: 'paxos/replication/rations.js',
        from: 'const reaches = peer.holds + whole.length === log.head;',
        to: 'const reaches = true;'
    }]
}, {
    name: 'a new writer takes an acceptance of an earlier ballot for an acceptance of its own',
    file: BALLOTS,
    test: 'is taken as a whole',
    patches: [{
        file: 'paxos/candidate.js',
        from: 'peer.unmatch();',
        to: ''
    }]
}, {
    name: 'a campaign goes on with earlier promises as the log grows',
    file: BALLOTS,
    test: 'begins anew',
    patches: [{
        file: 'paxos/candidate.js',
        from: 'this.proposer.restart();\n            const isLevel',
        to: 'const isLevel'
    }]
}, {
    name: 'a writer continues after another member overruled its suffix',
    file: BALLOTS,
    test: 'ends if another member',
    patches: [{
        file: 'paxos/legislator.js',
        from: 'if (this.chain.last !== last) {',
        to: 'if (this.chain.last === null) {'
    }]
}, {
    name: 'a member that was never asked counts as present',
    file: 'paxos/membership/presence.test.js',
    test: 'counts a member as present only with an answer',
    patches: [{
        file: 'paxos/membership/presence.js',
        from: 'else if (now - peer.presentAt < timeout) {',
        to: 'else {'
    }]
}, {
    name: 'a leader opens a parliament without a majority that answers',
    file: 'paxos/membership/shaper.test.js',
    test: 'exiles no voter if the voters that are left are too few',
    patches: [{
        file: 'paxos/membership/situation.js',
        from: 'return (isQuorate(situation, parliament(government)) && ' +
            'isQuorate(situation, parliament(next)));',
        to: 'return true;'
    }]
}, {
    name: 'an exile is committed without the consent that it needs',
    file: 'paxos/membership/consent.test.js',
    test: 'before it is committed',
    patches: [{
        file: 'paxos/replication/writer.js',
        from: 'const isConsented = ',
        to: 'const isConsented = true || '
    }]
}, {
    name: 'a deposed leader goes on while a later government feeds it',
    file: GUIDANCE,
    test: 'steps down at the first word',
    patches: [{
        file: 'paxos/correspondent.js',
        from: 'if (order > 0 && this.#isFresh(standing)) {',
        to: 'if (false) {'
    }]
}, {
    name: 'a candidate goes on although a leader has reached it',
    file: GUIDANCE,
    test: 'gives up at the word',
    patches: [{
        file: 'paxos/correspondent.js',
        from: 'this.#isFresh(standing) && !this.maySucceed(this.ledBy)',
        to: 'false'
    }]
}]

// Deadline: a test that has not ended by then is killed. That is a failure of the test, too.
const DEADLINE_MS = 60_000

/**
 * Runs tests of the compiled tree on a patched copy of the engine.
 *
 * @returns The names of the tests that passed, and of the tests that failed, suites included.
 * @throws Where a patch does not fit.
 */
export async function runDirected(
    { file, test, patches }: Pick<Directed, 'file' | 'test' | 'patches'>
): Promise<{ readonly passed: readonly string[], readonly failed: readonly string[] }> {
    const copy = new Copy(patches, tmpdir(), [file])
    try {
        const args = ['--test-reporter=tap', join(copy.directory, 'test', file)]
        const { NODE_TEST_CONTEXT: _, ...env } = withoutCoverage()
        const ending = { env, timeout: DEADLINE_MS, killSignal: 'SIGKILL' } as const
        const chosen = test === '' ? [] : [`--test-name-pattern=${test}`]
        const text = await new Promise<string>((resolve) => {
            // The exit code says no more than the report.
            execFile(process.execPath, [...chosen, ...args], ending, (_error, said) => {
                resolve(said)
            })
        })
        const names = (pattern: RegExp): string[] =>
            [...text.matchAll(pattern)].map(([, name = '']) => name)
        return { passed: names(/^ *ok \d+ - (.*)$/gm), failed: names(/^ *not ok \d+ - (.*)$/gm) }
    } finally {
        copy.remove()
    }
}
