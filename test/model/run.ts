import {
    install, isInstallable, isInstalled, type Model, MODELS, verify, without
} from './spin.js'

/** Verifies a model with these definitions. Prints the outcome, and returns whether it is right. */
function check(model: Model, definitions: readonly string[], mustHold: boolean): boolean {
    const { holds, isViolated, states, seconds } = verify(model, definitions)
    const isGood = mustHold ? holds : isViolated
    const outcome = isViolated ? 'violated' : holds ? 'holds' : 'not decided'
    console.log(`${isGood ? 'good' : 'BAD '} ${[model.file, ...definitions].join(' ')}: ` +
        `${outcome}, ${states} states, ${seconds.toFixed(1)} s`)
    return isGood
}

/** Verifies each model, whole and without each safeguard; the exit code. */
function main(): number {
    if (!isInstalled() && !(isInstallable() && install())) {
        console.error('There is no spin here, and it could not be installed: apt-get install spin')
        return 2
    }
    const results = MODELS.flatMap((model) => [
        ...[[], ...model.further].map((definitions) => check(model, definitions, true)),
        ...model.safeguards.map((safeguard) => check(model, without(safeguard), false))
    ])
    return results.includes(false) ? 1 : 0
}

process.exitCode = main()
