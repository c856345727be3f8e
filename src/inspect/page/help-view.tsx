import type { JSX } from 'preact'

const KEYS: readonly (readonly [string, string])[] = [
    ['← →', 'the input before, the next input'],
    ['Shift ← →', 'the next input with an entry, or the one before'],
    ['[ ]', 'the government before, the next government'],
    ['↑ ↓', 'another member, at the same time'],
    ['g', 'the next gap'],
    ['+ − 0', 'zoom in, zoom out, everything'],
    ['Home End', 'the first and the last input'],
    ['/', 'find: an entry 1/2, an input a 17, a time'],
    ['t', 'dark or light'],
    ['?', 'this help']
]

/** What the page shows, and the keys. */
export function HelpView(): JSX.Element {
    return (
        <div class="help">
            <h2>What you see</h2>
            <p>Each lane is a member. Above the lanes are the <b>governments</b>, in the colour of
                their leader. A strong bar is a leader, a pale bar a citizen, an amber bar a
                candidate. <b class="bad">Red</b> is a time without a leader: a click explains
                the gap. An amber line below a lane is a wait of the leader for its disk. An
                arrow is a call; a lost call ends in the air with a cross. A click on an arrow
                shows its body, a click on a lane goes to the nearest input, and a click on the
                name of a member lists the publishes without an outcome.</p>
            <p><b>What if</b> changes the input of the step: the input is lost, late, doubled or
                reordered, a link is cut, or a member crashes. The members continue on virtual
                time, and the result stands beside the recording.</p>
            <p>Causes define the order of the inputs. Clocks of members may disagree, so the chart
                shifts each lane by the estimated difference of the clocks.</p>
            <table><tbody>
                {KEYS.map(([key, text]) => <tr key={key}><td><kbd>{key}</kbd></td><td>{text}</td>
                </tr>)}
            </tbody></table>
        </div>
    )
}
