import type { Property } from './violation.js'

/** The functions of the engine that keep each property, by name. The search begins there. */
export const KEEPERS: Readonly<Record<Property, readonly string[]>> = {
    S1: ['committable', 'commitByPair', 'Proposer.suffixToAdopt', 'isOutOfPlace'],
    S2: ['publisherOf', 'Writer.propose', 'PublishWindow.send'],
    S3: [
        'LogDelivery.queueEntries', 'AcceptedRecords.recordOf', 'Log.commitThrough',
        'History.isForgettable'
    ],
    S4: ['cookiePlace', 'PublishWindow.onOwnEntry', 'SentBatch.isOvertaken'],
    S5: ['PublishWindow.send', 'Writer.propose'],
    S6: ['promise', 'onElectionRequest', 'nextBallot', 'FlushGate.pass'],
    S7: ['shape', 'succeed', 'Citizenship.mayAdmit'],
    S8: ['Player.replay', 'apply'],
    S9: ['Citizenship.reject'],
    S10: ['CommitMarks.confirm', 'SharedRounds.ask'],
    S11: ['scanFolder', 'rejectTornWrite'],
    S12: ['Log.bound', 'Mailbox.expire', 'cancelAppointments'],
    S14: ['RecordedVersion.before', 'RecordedVersion.readable', 'raise'],
    S13: ['confirmAge', 'takeAge', 'Freshness.coveredAt', 'advanceTime'],
    L1: ['votersRation', 'learnersRation', 'PublishWindow.retry'],
    L2: ['shape', 'isTenable', 'onCollapse'],
    L3: ['judgeCandidate', 'onCollapse', 'learnersRation'],
    L4: ['Player.close', 'Kibitzer.destroy'],
    L5: ['shape', 'appraise', 'unready', 'noteLeaderOfFeeder'],
    L6: ['Relay.through', 'judgeCandidate', 'PublishWindow.retry', 'petitionWhileLed'],
    L7: ['settingsOf', 'learnersRation', 'MarkWaits.check']
}

/** The functions that decide on the entries that a candidate adopts. */
export const ADOPTION: readonly string[] = ['Proposer.suffixToAdopt', 'withdraw']

/** The functions that decide that an entry is committed. */
export const COMMIT: readonly string[] = ['committable', 'commitByPair']
