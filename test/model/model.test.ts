import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { install, isInstallable, isInstalled, MODELS, verify, without } from './spin.js'

/** Whether spin can be run; loud where it cannot, and an error where it should be. */
function isReady(): boolean {
    if (isInstalled()) {
        return true
    }
    const isWanted = isInstallable()
    if (isWanted && install()) {
        return true
    }
    const message = 'THE MODEL WAS NOT VERIFIED: there is no spin here (apt-get install spin).'
    assert(!(isWanted && process.env['CI'] === 'true'), message)
    console.warn(message)
    return false
}

for (const model of MODELS) {
    describe(`the model of ${model.name}`, () => {
        test('holds in every state with all its safeguards', () => {
            if (isReady()) {
                const { holds, states, text } = verify(model, [])
                assert(holds, text)
                assert(states > model.statesMin, `only ${states} states`)
            }
        })

        for (const safeguard of model.safeguards) {
            test(`is violated without ${safeguard}`, () => {
                if (isReady()) {
                    const { isViolated, text } = verify(model, without(safeguard))
                    assert(isViolated, text)
                }
            })
        }
    })
}
