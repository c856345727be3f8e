import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { findLack, isReady, type Requirement } from './requirements.js'

/** Something that is there from a moment on. */
class Thing implements Requirement {
    readonly what: string
    readonly packages: readonly string[]
    isThere: boolean

    constructor(what: string, isThere: boolean, packages: readonly string[] = []) {
        this.what = what
        this.isThere = isThere
        this.packages = packages
    }

    isMet(): boolean {
        return this.isThere
    }
}

/** Whether somebody of this process's rights could install anything. */
const mayInstall = findLack([new Thing('a package', false, ['package'])])?.isInstallable === true

describe('what a network of its own takes', () => {
    test('is all there where nothing is missing', () => {
        const warn = (): void => assert.fail('It says that something is missing.')
        assert.equal(isReady({ requirements: [new Thing('root', true)], warn }), true)
    })

    test('is said loudly where it is missing and cannot be had, in CI too', () => {
        for (const isCi of [true, false]) {
            const said: string[] = []
            const requirements = [new Thing('Linux', true), new Thing('root', false)]
            const install = (): void => assert.fail('Root cannot be installed.')
            const warn = (message: string): number => said.push(message)
            assert.equal(isReady({ requirements, install, warn, isCi }), false)
            assert.deepEqual(said, ['NOTHING WAS TRIED ON REAL NETWORKS: it takes root.'])
        }
    })

    test('is installed where it can be had', () => {
        const tool = new Thing('the command ip', false, ['iproute2'])
        const install = (): void => { tool.isThere = true }
        const warn = (): void => {}
        assert.equal(isReady({ requirements: [tool], install, warn }), mayInstall)
    })

    test('is an error in CI where it could have been had and was not', () => {
        const requirements = [new Thing('the command ip', false, ['iproute2'])]
        const said: string[] = []
        const warn = (message: string): number => said.push(message)
        const attempt = (isCi: boolean): boolean =>
            isReady({ requirements, install() {}, warn, isCi })
        assert.equal(attempt(false), false)
        if (mayInstall) {
            assert.throws(() => attempt(true), /^Error: NOTHING WAS TRIED .* the command ip\.$/)
        }
        assert.equal(said.length, 1)
    })
})
