import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Copy } from './copy.js'
import type { Edit } from './planter.js'
import { withoutCoverage } from '../support/environment.js'

/**
 * A bug without a consequence in almost every simulated republic. A directed test of the engine
 * arranges the consequence, and finds the bug.
 */
export interface Directed {
    readonly name: string
    /** A part of the name of the test that fails. One file of tests contains it. */
    readonly test: string
    readonly edits: readonly Edit[]
}

/** Bugs by which one ballot mixes with another ballot. */
const ballots: readonly Directed[] = [{
    name: 'a leader keeps writing after the leader has promised another ballot',
    test: 'own writing',
    edits: [{ in: 'onElectionRequest', find: 'stopWriting(_);', to: '' }]
}, {
    name: 'a follower\'s acceptance of another ballot counts as a match',
    test: 'accepted the entry under another ballot',
    edits: [{
        in: 'onRecorded',
        find: '$isOurs && _.accepted === _',
        to: '$isOurs'
    }]
}, {
    name: 'a follower takes the first run under a ballot in pieces',
    test: 'is taken as a whole',
    edits: [{
        in: 'votersRation',
        find: '$log.run($after, $through, $limit.suffix)',
        to: '$log.run($after, $through, $limit.run)'
    }, {
        in: 'votersRation',
        find: '_ + _.length === _.head',
        to: 'true'
    }]
}, {
    name: 'a new writer takes an acceptance of an earlier ballot for an acceptance of its own',
    test: 'is taken as a whole',
    edits: [{ in: 'winElection', find: 'for (const $peer of _.all()) $forget;', to: '' }]
}, {
    name: 'a campaign goes on with earlier promises as the log grows',
    test: 'begins anew',
    edits: [{ in: 'restartCampaign', find: '_.restart();', to: '' }]
}, {
    name: 'a writer continues after another member overruled its suffix',
    test: 'ends if another member',
    edits: [{ in: 'catchUp', find: '_.last !== _', to: 'false' }]
}]

/** Bugs by which a leader misjudges other members. */
const members: readonly Directed[] = [{
    name: 'a member that was never asked counts as present',
    test: 'counts a member as present only with an answer',
    edits: [{ in: 'appraise', find: '_ - _.presentAt < _', to: 'true' }]
}, {
    name: 'a leader opens a parliament without a majority that answers',
    test: 'exiles no voter if the voters that are left are too few',
    edits: [{ in: 'isTenable', to: 'return true;' }]
}, {
    name: 'an exile is committed without the consent that it needs',
    test: 'before it is committed',
    edits: [{ in: 'committable', find: '_ === null || _ >= _.head', to: 'true' }]
}, {
    name: 'a voter hears of its exile before a majority of the others does',
    test: 'is told of its exile after a majority',
    edits: [{ in: 'tellExiles', find: 'isKnownThrough(_, _)', to: 'true' }]
}, {
    name: 'a leader tells a voter of the exile to which the voter has consented',
    test: 'gets no notice of the exile',
    edits: [{ in: 'sayFarewell', find: '_ !== null && _ === _.ballot', to: 'false' }]
}, {
    name: 'a leader takes a consent under another ballot for a consent under its own',
    test: 'a later ballot commits the exile without the consent',
    edits: [{ in: 'sayFarewell', find: '_ !== null && $consent === _.ballot', to: '!!$consent' }]
}, {
    name: 'an exile that makes the leader indispensable asks for no consent',
    test: 'receives the exile after the other voter and before',
    edits: [{ in: 'exileAtWish', find: '_ === null || mayLose(_, _)', to: 'true' }]
}, {
    name: 'a lost member stays marked after another member has fed it',
    test: 'keeps its seat in a later silence if another member',
    edits: [{ in: 'countReturn', find: '_.delete(_);', to: '' }]
}, {
    name: 'a leader does not ask the citizen under whose id a newcomer asks',
    test: 'keeps its seat in a later silence if a newcomer',
    edits: [{ in: 'probeAbsent', find: 'new Set([...$needed, ..._])', to: '$needed' }]
}, {
    name: 'a leader exiles a member by requests from long ago',
    test: 'by requests that are too old',
    edits: [{ in: 'isAsked', to: 'return true;' }]
}, {
    name: 'a deposed leader goes on while a later government feeds it',
    test: 'steps down at the first word',
    edits: [{ in: 'noteLeaderOfFeeder', find: '_ > 0 && _', to: 'false' }]
}, {
    name: 'a candidate goes on although a leader has reached it',
    test: 'gives up at the word',
    edits: [{
        in: 'noteLeaderOfFeeder',
        find: '_ && !maySucceed(_, _)',
        to: 'false'
    }]
}, {
    name: 'runs stay long although long calls fail',
    test: 'gets all entries in the end',
    edits: [{ in: 'bound', to: 'return run;' }]
}, {
    name: 'the word of a leader stops all questions for missing entries',
    test: 'repeats the question to each member in turn',
    edits: [{ in: 'petitionWhileLed', find: 'petitionsWhileLed(_) && _', to: 'false' }]
}, {
    name: 'a member does not take the word of a feeder from a later government',
    test: 'says that no member can feed it',
    edits: [{ in: 'noteFeeder', find: '$trimmed && _.hearTrimmed(_)', to: 'false' }]
}]

/** Bugs by which members lose each other when members move. */
const moves: readonly Directed[] = [{
    name: 'a leader exiles a moved member although the calls of the member arrive',
    test: 'as long as its own reports of a move arrive',
    edits: [{ in: 'Moves.isCalling', find: '_ !== undefined && _', to: 'false' }]
}, {
    name: 'a moved member that hears no answers keeps its seat for good',
    test: 'if no answer reaches the member either',
    edits: [{ in: 'onCall', find: 'hasHeard(_, _)', to: 'true' }]
}, {
    name: 'a leader exiles a moved member for the silence of its old address',
    test: 'for the silence of its old address',
    edits: [{ in: 'takeReport', find: '_.countCall(_, _);', to: '' }]
}, {
    name: 'a report of a move echoes no answer',
    test: 'as long as its own reports of a move arrive',
    edits: [{ in: 'sendRequest', find: '_ !== null && { _ }', to: 'null' }]
}, {
    name: 'a peer calls a moved member at its former address',
    test: 'elect a leader if the voters other than one',
    edits: [{ in: 'Moves.addressOf', find: '$address ?? _ ?? null', to: '$address ?? null' }]
}, {
    name: 'a late report undoes a later move',
    test: 'does not return with a late report',
    edits: [{ in: 'takeReport', find: '_ > Math.max(_, _)', to: 'true' }]
}, {
    name: 'a member does not pass on the reports of peers',
    test: 'reports to the leader through another member',
    edits: [{ in: 'onAnswer', find: 'takeReports(_, _, _);', to: '' }]
}, {
    name: 'a found address stays although calls there fail',
    test: 'counts until a call there fails',
    edits: [{ in: 'Moves.countFailedCall', find: '_ !== undefined && _', to: 'false' }]
}, {
    name: 'a member gives one number to two moves',
    test: 'rises above the number of a move',
    edits: [{ in: 'renumber', find: '_.number <= $number', to: 'false' }]
}]

/** Bugs of batches and of restarts. */
const others: readonly Directed[] = [{
    name: 'waiting values travel before the callers of the batch publish again',
    test: 'wait for a batch under way, and then travel with its callers',
    edits: [{ in: 'PublishQueue.isHeld', to: 'return false;' }]
}, {
    name: 'each value of a turn is an input of its own',
    test: 'publish a thousand values of one turn as one input',
    edits: [{ in: 'Coalescer.requestEnd', to: 'this.flush();' }]
}, {
    name: 'a restarted member takes an echo of its earlier process for its own',
    test: 'counts no echo of an answer of the earlier process',
    edits: [{ in: 'revive', find: '_.countRestart(_);', to: '' }]
}]

/** Bugs of publishers that send before the disk holds their publishes. */
const publishers: readonly Directed[] = [{
    name: 'a restarted publisher continues the life of the earlier process',
    test: 'restarts with any part of its last records',
    edits: [{ in: 'UnsettledPublishes.beginLife', find: 'firstOfNextLife($last)', to: '$last' }]
}, {
    name: 'a publisher does not try again although nothing that was taken appears',
    test: 'messages are lost, late, repeated or out of order',
    edits: [{
        in: 'PublishWindow.retry',
        find: '$stalled !== $cookie',
        where: ['$stalled = $cookie'],
        to: 'true'
    }]
}]

/** Every bug that a directed test finds. */
export const directed: readonly Directed[] = [
    ...ballots, ...members, ...moves, ...others, ...publishers
]

// Deadline: a test that has not ended by then is killed. That is a failure of the test, too.
const DEADLINE_MS = 60_000

const TESTS = fileURLToPath(new URL('../', import.meta.url))

/** The text of every file of the core's tests, by the path below `test`. */
const texts = new Map(['paxos', 'publisher']
    .flatMap((room) => readdirSync(join(TESTS, room), { recursive: true, encoding: 'utf8' })
        .map((path) => join(room, path)))
    .filter((path) => path.endsWith('.test.js'))
    .map((file) => [file, readFileSync(join(TESTS, file), 'utf8')]))

/**
 * The file that contains a test.
 *
 * @throws Error if no file or more than one file contains the name.
 */
export function fileOfTest(test: string): string {
    const [first, ...others] = [...texts].filter(([, text]) => text.includes(test))
    assert(first !== undefined, `no test of the engine says: ${test}`)
    assert(others.length === 0, `more than one file says: ${test}`)
    return first[0]
}

/** What a run of tests came to: the names of the tests, suites included. */
export interface Report {
    readonly passed: readonly string[]
    readonly failed: readonly string[]
}

/**
 * Runs a file of tests of the compiled tree on a changed copy of the engine.
 *
 * @param test The part of a name, if not all tests of the file run.
 * @throws If an edit does not fit.
 */
export async function runDirected(
    file: string,
    test: string | null,
    edits: readonly Edit[]
): Promise<Report> {
    const copy = new Copy(edits, tmpdir(), [file])
    try {
        const args = ['--test-reporter=tap', join(copy.directory, 'test', file)]
        const { NODE_TEST_CONTEXT: _, ...env } = withoutCoverage()
        const ending = { env, timeout: DEADLINE_MS, killSignal: 'SIGKILL' } as const
        const chosen = test === null ? [] : [`--test-name-pattern=${test}`]
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
