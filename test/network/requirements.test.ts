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

/** Whether this process has the right to install packages. */
const mayInstall = findLack([new Thing('a package', false, ['package'])])?.isInstallable === true

describe('the requirements of a virtual network', () => {
    test('are met if nothing is missing', () => {
        const warn = (): void => assert.fail('It says that something is missing.')
        assert.equal(isReady({ requirements: [new Thing('root', true)], warn }), true)
    })

    test('cause a warning if a missing requirement cannot be installed, also in CI', () => {
        for (const isCi of [true, false]) {
            const said: string[] = []
            const requirements = [new Thing('Linux', true), new Thing('root', false)]
            const install = (): void => assert.fail('Root cannot be installed.')
            const warn = (message: string): number => said.push(message)
            assert.equal(isReady({ requirements, install, warn, isCi }), false)
            assert.deepEqual(said, ['NOTHING WAS TRIED ON REAL NETWORKS: it takes root.'])
        }
    })

    test('are installed if the system can install packages', () => {
        const tool = new Thing('the command ip', false, ['iproute2'])
        const install = (): void => { tool.isThere = true }
        const warn = (): void => {}
        assert.equal(isReady({ requirements: [tool], install, warn }), mayInstall)
    })

    test('cause an error in CI if an installable requirement is missing', () => {
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
