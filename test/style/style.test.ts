import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { honestCoverage, theEight } from './dependencies.js'
import { documentedNames, documentedOptions } from './documentation.js'
import { floors, noCircles, noDeadFiles, oneBarrel } from './graph.js'
import { distinctTypes, rooms } from './layout.js'
import { sharedListeners } from './listeners.js'
import { optionTables } from './options.js'
import { noSleeps } from './patience.js'
import { noMachinePaths, noSkips, plainComments, tightTypes } from './plain.js'
import { parse, read, type Rule } from './project.js'
import { coreClosure, quietCore } from './quiet.js'
import { plainWords } from './words.js'
import { shortFiles, shortFunctions, shortLines } from './size.js'

const RULES: readonly Rule[] = [
    quietCore, floors, noCircles, oneBarrel, noDeadFiles, theEight, honestCoverage,
    documentedNames, documentedOptions, optionTables, shortFunctions, shortFiles, shortLines,
    plainComments, tightTypes, noMachinePaths, noSkips, noSleeps,
    rooms, distinctTypes, plainWords, sharedListeners
]

const project = read(fileURLToPath(new URL('../../../', import.meta.url)))

/** Two lists side by side make a failure readable: each line is a place to go to. */
function list(findings: readonly string[]): string {
    return findings.join('\n')
}

describe('the project', () => {
    for (const rule of RULES) {
        test(rule.name, () => {
            assert.equal(list(rule.check(project)), '')
        })
    }

    test('is read completely', () => {
        const core = [...coreClosure(project).keys()]
        const parts = ['src/base/monotonic.ts', 'src/publisher/islander.ts', 'src/paxos/paxos.ts']
        for (const path of parts) {
            assert.ok(core.includes(path), `${path} is not seen as the core.`)
        }
        for (const path of ['src/declarations/cadence.d.ts', 'README.md', 'test/style/quiet.ts']) {
            assert.ok(path in project.files, `${path} is not read.`)
        }
    })
})

describe('a rule of the project', () => {
    for (const { name, check, broken, kept } of RULES) {
        test(`reports each violation: ${name}`, () => {
            for (const { files, says } of broken) {
                assert.equal(list(check(parse(files))), list(says))
            }
        })
        test(`reports nothing else: ${name}`, () => {
            for (const files of kept) {
                assert.equal(list(check(parse(files))), '')
            }
        })
    }
})
