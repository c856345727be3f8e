import type { JSX } from 'preact'
import { PlaceLink } from './links.jsx'
import { compare, compareFrom, comparison, step } from './store.js'
import { Tree } from './tree.jsx'

/** The comparison of two places. */
export function CompareView(): JSX.Element {
    const from = compareFrom.value
    const to = step.value
    const { value } = comparison
    return (
        <div class="compare">
            <p>
                {from === null
                    ? 'Press “compare from here” at a step first, then go to another input. '
                    : <>From <PlaceLink place={from} />{' '}</>}
                {to !== null && <>to <PlaceLink place={to} />{' '}</>}
                <button type="button" disabled={from === null || to === null}
                    onClick={() => void compare()}>compare</button>
            </p>
            {value !== null && <section>
                <h3>{value.left.member} #{value.left.number} → {value.right.member}{' '}
                    #{value.right.number}: {value.differences} differences</h3>
                <Tree tree={value.tree} place="compare" />
            </section>}
        </div>
    )
}
