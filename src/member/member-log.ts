import { assignLineLog, LineLog, lineLogOf, toLogger } from '../base/line-log.js'
import { toStandardError } from '../base/standard-error.js'
import type { Paxos } from '../paxos/paxos.js'
import type { KibitzerSettings } from './options.js'

/** Assigns the user's logger to the parts of a member, unless the member is silent. */
export function openLineLog(
    paxos: Paxos, { logger, journal }: Pick<KibitzerSettings, 'logger' | 'journal'>
): void {
    if (logger === false || logger === null) {
        return
    }
    const log = new LineLog(logger === undefined ? toStandardError : toLogger(logger))
    assignLineLog(paxos, log)
    if (journal !== undefined) {
        // The journal writes lines before it knows its member.
        assignLineLog(journal, log)
    }
}

/** From now on the governments are news: the member listens. */
export function showGovernments(paxos: Paxos): void {
    const log = lineLogOf(paxos)
    if (log !== undefined) {
        log.isListening = true
    }
}

/** Adds the name of the service to the lines of a member. */
export function nameService(paxos: Paxos, service: string): void {
    const log = lineLogOf(paxos)
    if (log !== undefined) {
        log.service = service
    }
}
