import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { textOfCall } from './chart-calls.jsx'
import { durationOf, timeOf } from './format.js'
import { EntryLink, PlaceLink } from './links.jsx'
import { call } from './store.js'
import { Tree } from './tree.jsx'

/** The selected call: its way, and its body. */
export function CallView(): JSX.Element {
    const isRaw = useSignal(false)
    const { value } = call
    if (value === null) {
        return <p>Click an arrow.</p>
    }
    const { from, sentAt, received, answered, entries, method } = value.call
    return (
        <div class="call-body">
            <h2>{textOfCall(value.call)}</h2>
            <ul class="effects">
                <li>{timeOf(sentAt)} sent: <PlaceLink place={from} /></li>
                {received.map((place) => (
                    <li key={`${place.member} ${place.number}`}>
                        {timeOf(place.at)} received: <PlaceLink place={place} />, after{' '}
                        {durationOf(place.at - sentAt)}
                    </li>
                ))}
                <li>{answered === null
                    ? 'The sender has no answer in its recording.'
                    : <>{timeOf(answered.at)} answered: <PlaceLink place={answered} /></>}</li>
                {entries !== null && method !== 'enqueue'
                    && <li>carries <EntryLink promise={entries.first} /> to{' '}
                        <EntryLink promise={entries.last} /></li>}
            </ul>
            <h3>Body
                <button type="button" class="small" onClick={() => {
                    isRaw.value = !isRaw.value
                }}>{isRaw.value ? 'readable' : 'raw'}</button>
            </h3>
            {isRaw.value ? <pre>{value.raw}</pre> : <Tree tree={value.body} place="call" />}
        </div>
    )
}
