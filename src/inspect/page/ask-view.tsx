import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { PlaceLink } from './links.jsx'
import { asked, askPast, isReport, lanes, step } from './store.js'

/** Questions to begin with. */
const EXAMPLES = [
    'role == "leader"', 'waiting', 'leaderSeenMs > 500', 'length(silent) > 0',
    'unseen + unsent', 'length(state.paxos.log.entries)', 'government.promise >= "7/0"'
]

/** Questions about the past: an expression after every input of a member. */
export function AskView(): JSX.Element {
    const expression = useSignal('')
    const member = useSignal('')
    const name = member.value || step.value?.member || lanes.value[0]?.member || ''
    const { value } = asked
    if (isReport.value) {
        return <p>A report holds no answers to new questions. Open the journals with
            kibitz inspect.</p>
    }
    return (
        <div class="ask">
            <form onSubmit={(event) => {
                event.preventDefault()
                void askPast(name, expression.value)
            }}>
                <select aria-label="member" value={name} onChange={(event) => {
                    member.value = event.currentTarget.value
                }}>
                    {lanes.value.map(({ member: id }) => <option key={id} value={id}>{id}</option>)}
                </select>
                <input type="text" aria-label="expression" value={expression.value}
                    placeholder={EXAMPLES[0]} onInput={(event) => {
                        expression.value = event.currentTarget.value
                    }} />
                <button type="submit">ask</button>
            </form>
            <p class="quiet">{EXAMPLES.map((example) => (
                <button key={example} type="button" class="link" onClick={() => {
                    expression.value = example
                    void askPast(name, example)
                }}>{example}</button>
            ))}</p>
            {value !== null && <>
                <p>
                    {value.evaluated.toLocaleString('en')} inputs of {value.member}.{' '}
                    {value.firstTrue === null
                        ? 'The value is never true.'
                        : <>First true: <PlaceLink place={value.firstTrue} />.</>}
                </p>
                <table><tbody>
                    {value.points.slice(0, 200).map(([, number, text]) => (
                        <tr key={number}>
                            <td><PlaceLink place={{ member: value.member, number }} /></td>
                            <td><code>{text}</code></td>
                        </tr>
                    ))}
                </tbody></table>
            </>}
        </div>
    )
}
