import type { JSX } from 'preact'
import { durationOf, timeOf } from './format.js'
import { PlaceLink } from './links.jsx'
import { why } from './store.js'

/** The explanation of an entry, a government, a gap, or of publishes. */
export function WhyView(): JSX.Element {
    const { value } = why
    if (value === null) {
        return <p>Click a government, a red gap or the name of a member, or type the promise of an
            entry such as 1/2 into the field above.</p>
    }
    const start = value.lines.find(({ at }) => at !== null)?.at ?? null
    return (
        <div class="why">
            <h2>{value.title}</h2>
            <p>{value.summary}</p>
            <table>
                <tbody>
                    {value.lines.map(({ text, place, at }, index) => (
                        <tr key={index}>
                            <td class="number">{at === null ? '' : timeOf(at)}</td>
                            <td class="number quiet">{at === null || start === null
                                ? '' : `${at < start ? '−' : '+'}${
                                    durationOf(Math.abs(at - start))}`}</td>
                            <td>{place !== null && <PlaceLink place={place} />}</td>
                            <td>{text}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    )
}
