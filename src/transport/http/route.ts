import type { Kibitzer } from '../../member/kibitzer.js'

/**
 * The part of a Kibitzer that counts rejected messages and reports certificates; each method is
 * optional.
 */
export type Counting =
    Partial<Pick<Kibitzer, 'paxos' | 'reportCertificates' | 'turnAway'>>

/** The part of a Kibitzer that answers calls, and counts rejected messages. */
export type Answering = Pick<Kibitzer, 'request'> & Counting

/**
 * The answer of a route: an HTTP status and a body. A `Uint8Array` travels as bytes, any other body
 * as JSON.
 */
export interface RouteAnswer {
    readonly status: number
    readonly body: unknown
    /** Called when the response is sent, or when its connection is closed. */
    readonly afterwards?: () => void
}

/** One path of a listener. */
export interface Route {
    /**
     * The method of the path. A GET has no body, matches any query, and also serves HEAD.
     * @default 'POST'
     */
    readonly method?: 'GET' | 'POST'
    /**
     * Whether the body names its addressee, and `answer` refuses a body for another member. If not,
     * a signed call is valid only at the address that the caller signed, so that a call that was
     * overheard at one member does not work at another member.
     * @default false
     */
    readonly isAddressed?: boolean
    /**
     * Answers a request with the parsed body. If the promise rejects, the caller gets status 500
     * without a reason.
     */
    answer(body: unknown): Promise<RouteAnswer>
    /**
     * Answers an unsigned GET at a listener with keys. Such an answer is public.
     * @default none: the caller gets status 401
     */
    readonly answerUnsigned?: () => RouteAnswer
}
