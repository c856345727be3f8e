import { promiseOrCallback } from '../base/callbacks.js'
import type { Kibitzer } from '../member/kibitzer.js'
import type { MemberRequests } from './member-requests.js'

/** The parts of a Colleague that ask the leader. */
export interface LeaderQuestionParts {
    readonly kibitzer: Pick<Kibitzer, 'paxos'>
    readonly memberRequests: MemberRequests
    readonly follower: { readonly wasCurrent: boolean }
    /** Stops the Colleague. */
    fail(reason: Error): void
}

/**
 * Asks the application of the leader. If the question of an admitted newcomer without a state
 * fails, the newcomer stops: its application cannot continue without the answer.
 */
export async function askLeader(
    parts: LeaderQuestionParts,
    name: string,
    post: unknown
): Promise<unknown> {
    try {
        return await promiseOrCallback<unknown>(
            (done) => parts.memberRequests.askLeader(name, post, done)
        )
    } catch (error) {
        const isAdmitted = parts.kibitzer.paxos.government.promise !== '0/0'
        if (error instanceof Error && isAdmitted && !parts.follower.wasCurrent) {
            parts.fail(error)
        }
        throw error
    }
}
