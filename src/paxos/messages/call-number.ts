/** The number of a call. */
export interface NumberedCall {
    /**
     * The cookie of the communique or of the dispatch at the sender. Both ends record the number,
     * so that a history joins each receipt to its call. The engine ignores the number; earlier
     * packages do not send it.
     */
    readonly call?: string
}
