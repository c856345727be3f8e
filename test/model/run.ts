import { install, isInstallable, isInstalled, SAFEGUARDS, verify } from './spin.js'

/** Verifies the model, whole and without each safeguard; the exit code. */
function main(): number {
    if (!isInstalled() && !(isInstallable() && install())) {
        console.error('There is no spin here, and it could not be installed: apt-get install spin')
        return 2
    }
    let failures = 0
    for (const without of [[], ...SAFEGUARDS.map((name) => [name])]) {
        const { holds, isViolated, states, seconds } = verify(without)
        const isGood = without.length === 0 ? holds : isViolated
        failures += isGood ? 0 : 1
        const outcome = isViolated ? 'violated' : holds ? 'holds' : 'not decided'
        const name = without.length === 0 ? 'all safeguards' : `without ${without.join()}`
        console.log(`${isGood ? 'good' : 'BAD '} ${name}: ${outcome}, ${states} states, ` +
            `${seconds.toFixed(1)} s`)
    }
    return failures === 0 ? 0 : 1
}

process.exitCode = main()
