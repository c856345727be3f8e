import type { JSX } from 'preact'
import type { AskAnswer } from '../answers.js'
import { type Geometry, NAMES, xOf } from './chart-geometry.js'
import { goTo } from './store.js'

/** The value of a point as a number: `true` and a text are 1, `false` and `null` are 0. */
function heightOf(text: string): number {
    const value: unknown = text.endsWith('…') ? text : JSON.parse(text)
    if (typeof value === 'number') {
        return value
    }
    return value === false || value === null || value === '' ? 0 : 1
}

/** The values of an expression as a line, and the first input at which the value is true. */
export function AskLine({ geometry, asked, top, height }: {
    readonly geometry: Geometry
    readonly asked: AskAnswer
    readonly top: number
    readonly height: number
}): JSX.Element {
    const values = asked.points.map(([, , text]) => heightOf(text))
    const most = Math.max(1, ...values)
    const least = Math.min(0, ...values)
    const y = (value: number): number =>
        top + 4 + (height - 8) * (1 - (value - least) / (most - least))
    const path = asked.points.map(([at], index) => {
        const x = xOf(geometry, at).toFixed(1)
        const level = y(values[index] ?? 0).toFixed(1)
        return index === 0 ? `M${x} ${level}` : `H${x}V${level}`
    }).join('')
    const first = asked.firstTrue
    const point = asked.points.find(([, number]) => first !== null && number >= first.number)
    return (
        <g class="asked">
            <rect x={NAMES} y={top} width={Math.max(0, geometry.width - NAMES)} height={height} />
            <path d={`${path}H${geometry.width}`} />
            <text x={8} y={top + 14}>{most.toLocaleString('en')}</text>
            <text x={8} y={top + height - 4}>{least.toLocaleString('en')}</text>
            {first !== null && point !== undefined
                && <circle class="first" role="button" r={5} cx={xOf(geometry, point[0])}
                    cy={y(heightOf(point[2]))} onClick={() => void goTo(first)}>
                    <title>{`first true at input ${first.number} of ${first.member}`}</title>
                </circle>}
        </g>
    )
}
