import type { Kibitzer } from '../../member/kibitzer.js'

/** What of a Kibitzer counts what is turned away, where it does. */
export type Counting =
    Partial<Pick<Kibitzer, 'paxos' | 'reportCertificates' | 'turnAway'>>

/** What of a Kibitzer answers calls, and counts what is none. */
export type Answering = Pick<Kibitzer, 'request'> & Counting

/** What a route says: a status of HTTP, and a body. Bytes travel as they are, the rest as JSON. */
export interface RouteAnswer {
    readonly status: number
    readonly body: unknown
    /** What is done once the answer has left, or its asker has. */
    readonly afterwards?: () => void
}

/** One path of a listener. */
export interface Route {
    /**
     * How it is asked. A GET brings no body, may have any query, and has a HEAD beside it.
     * @default 'POST'
     */
    readonly method?: 'GET' | 'POST'
    /**
     * Whether the body names its addressee, and `answer` refuses a body for another member. If
     * not, a signed call counts only at the address that the caller signed, so that a call
     * overheard at one member does not work at another. @default false
     */
    readonly isAddressed?: boolean
    /** Answers whatever was asked; where it rejects, the answer is 500 and says nothing. */
    answer(body: unknown): Promise<RouteAnswer>
    /**
     * Answers a GET without a signature where the listener has keys; so the answer is public.
     * @default none: the refusal 401
     */
    readonly answerUnsigned?: () => RouteAnswer
}
