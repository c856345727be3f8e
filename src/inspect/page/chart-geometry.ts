import type { LaneAnswer } from '../answers.js'

/** The height of the band of governments, in pixels. */
export const BAND = 26

/** The height of the time axis, in pixels. */
export const AXIS = 18

/** The height of a lane, in pixels. */
export const LANE = 46

/** The top of the first lane, in pixels. */
export const TOP: number = BAND + AXIS + 6

/** The width of the names of the members, in pixels. */
export const NAMES = 76

/** The number of colours of members. */
const COLOURS = 8

/** The positions of a chart. */
export interface Geometry {
    readonly from: number
    readonly to: number
    readonly width: number
    readonly lanes: readonly LaneAnswer[]
}

/** The horizontal position of an instant, within the limits of a picture. */
export function xOf({ from, to, width }: Geometry, at: number): number {
    const x = NAMES + (at - from) / (to - from) * (width - NAMES)
    return Math.min(Math.max(x, NAMES - 10_000), width + 10_000)
}

/** The instant of a horizontal position. */
export function instantAt({ from, to, width }: Geometry, x: number): number {
    return from + (x - NAMES) / (width - NAMES) * (to - from)
}

/** The vertical position of a member; `null` without a lane. */
export function yOf({ lanes }: Geometry, member: string): number | null {
    const index = lanes.findIndex((lane) => lane.member === member)
    return index === -1 ? null : TOP + index * LANE + LANE / 2
}

/** The colour of a member. */
export function colourOf(lanes: readonly LaneAnswer[], member: string): string {
    const index = lanes.findIndex((lane) => lane.member === member)
    if (index !== -1) {
        return `var(--member-${index % COLOURS})`
    }
    return 'var(--faint)'
}
