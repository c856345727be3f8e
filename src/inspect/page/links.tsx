import type { JSX } from 'preact'
import type { PlaceAnswer } from '../answers.js'
import { explainEntry, goTo } from './store.js'

/** A link to an input. */
export function PlaceLink({ place, text }: {
    readonly place: PlaceAnswer
    readonly text?: string
}): JSX.Element {
    return (
        <button type="button" class="link" onClick={() => void goTo(place)}>
            {text ?? `${place.member} #${place.number}`}
        </button>
    )
}

/** A link to the explanation of an entry. */
export function EntryLink({ promise }: { readonly promise: string }): JSX.Element {
    return (
        <button type="button" class="link" onClick={() => void explainEntry(promise)}>
            {promise}
        </button>
    )
}
