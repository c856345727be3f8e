/**
 * Stands in for the engine's generator in the copy that is explored. Jitter only decides which
 * appointment comes first, and the exploration tries every order; so no lot is ever drawn, and
 * states that differ in their lots alone are one.
 */
export class SeededRandom {
    below(): number {
        return 0
    }
}
