declare module 'rescue' {
    /** Answers an error or throws it on. It fits where cadence takes a catch block. */
    export type Rescuer<Recovery> = (error: unknown, ...rest: unknown[]) => Recovery

    /**
     * Catches by pattern. The result tests an error against each pattern and throws on what none
     * matches. A pattern is tested against the error's message, or, where it begins with a path and
     * a colon as in `/^cause.code:ENOENT$/`, against that path, a colon and the property there.
     * The message of these libraries' errors may go on for many lines: give `$` an `m` flag.
     */
    export default function rescue(
        ...patterns: readonly [RegExp, ...RegExp[]]
    ): Rescuer<undefined>
    /** Recovers with what the function makes of the error and of whatever else was passed. */
    export default function rescue<Recovery>(
        ...patternsThenRecovery: readonly [
            RegExp, ...RegExp[], recovery: (error: Error, ...rest: unknown[]) => Recovery
        ]
    ): Rescuer<Recovery>
    /**
     * Recovers with nothing: the next step of cadence is called without a value. A falsy recovery,
     * 0 and `''` among them, is the same as none.
     */
    export default function rescue(
        ...patternsThenRecovery: readonly [
            RegExp, ...RegExp[], recovery: null | undefined | false | 0 | ''
        ]
    ): Rescuer<undefined>
    /** Recovers with a value. */
    export default function rescue<Recovery extends string | number | boolean | object>(
        ...patternsThenRecovery: readonly [RegExp, ...RegExp[], recovery: Recovery]
    ): Rescuer<Recovery>
    /** Several cases, the first that matches counts; patterns, then a recovery, then patterns. */
    export default function rescue(...cases: readonly unknown[]): Rescuer<unknown>
}
