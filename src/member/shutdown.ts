import { KibitzError } from '../base/errors.js'

/** The error of every publish and call at a member that the log has exiled. */
export function exiled(): KibitzError {
    return new KibitzError(
        'exiled',
        'The republic has exiled this member: the member has left, did not answer for too long, ' +
            'or lacked entries that no other member held. A publish that has not ' +
            'appeared may be in the log or not: look there. Destroy this Kibitzer, and join ' +
            'with a new one.'
    )
}

/** The error of a call at a destroyed member. */
export function destroyed(): KibitzError {
    return new KibitzError(
        'destroyed',
        'The Kibitzer is destroyed. Nothing was done; make another one.'
    )
}

/** The error of a publish that waits when the member is destroyed. */
export function publishCutOff(): KibitzError {
    return new KibitzError(
        'destroyed',
        'The Kibitzer was destroyed before the entry appeared in its log. The entry may still ' +
            'appear in the log of other members: look there before publishing it again.'
    )
}

/** The error of a `leave` or `cede` that waits when the member is destroyed. */
export function departureCutOff(): KibitzError {
    return new KibitzError(
        'destroyed',
        'The Kibitzer was destroyed before the call was settled. The departure or the handover ' +
            'may happen all the same: look at the status of another member.'
    )
}

/** The error of an `exile` that waits when the member is destroyed. */
export function exileCutOff(): KibitzError {
    return new KibitzError(
        'destroyed',
        'The Kibitzer was destroyed before the exile was decided. The exile may happen all the ' +
            'same: look at the status of another member.'
    )
}

/** The error of a `move` that waits when the member is destroyed. */
export function moveCutOff(): KibitzError {
    return new KibitzError(
        'destroyed',
        'The Kibitzer was destroyed before the log held its new properties. The log may hold ' +
            'them later. With a journal, the next process of this member asks again.'
    )
}

/** The error of a call at a member with a journal before `recover`. */
export function unrecovered(): KibitzError {
    return new KibitzError(
        'invalid-argument',
        'A Kibitzer with a journal begins with recover(). Nothing was done; await that first.'
    )
}
