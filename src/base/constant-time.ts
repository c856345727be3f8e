import { timingSafeEqual } from 'node:crypto'

/** Whether two codes are equal. The time does not depend on the place of a difference. */
export function isSameCode(left: Uint8Array, right: Uint8Array): boolean {
    return left.length === right.length && timingSafeEqual(left, right)
}

/** Whether two secrets are equal, as `isSameCode`. */
export function isSameSecret(left: string, right: string): boolean {
    return isSameCode(Buffer.from(left), Buffer.from(right))
}
