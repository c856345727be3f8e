import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { text } from 'node:stream/consumers'
import ts from 'typescript'
import type { Application, Json } from '../../src/index.js'
import { trial } from '../../src/testing/trial.js'
import type { WorkloadContext } from '../../src/testing/workload.js'
import { root } from '../packaging/consumer.js'

/** The number of seeds; the environment variable raises the number. */
const SEEDS = Number(process.env['KIBITZ_TRIAL_SEEDS'] ?? 8)

/** A store of a document: values by key, in a private or a public map. */
type DocumentedStore = Application<{ readonly key: string, readonly value: Json }, string>

/** The class `Store` in a text of TypeScript, without the rest of the text. */
function storeIn(source: string): new () => DocumentedStore {
    const file = ts.createSourceFile('store.ts', source, ts.ScriptTarget.Latest, true)
    const found = file.statements.find((one): one is ts.ClassDeclaration =>
        ts.isClassDeclaration(one) && one.name?.text === 'Store')
    assert.ok(found, 'The text has a class Store.')
    const { outputText } = ts.transpileModule(found.getText(file), {
        compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext }
    })
    const make = new Function('text', `${outputText}\nreturn Store`)
    return make(text) as new () => DocumentedStore
}

function readmeStore(): string {
    const readme = readFileSync(`${root}/README.md`, 'utf8')
    const blocks = [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block)
    return blocks.find((block) => block.includes('class Store')) ?? ''
}

/** The values in a snapshot of a store. */
async function valuesOf(store: DocumentedStore): Promise<ReadonlyMap<string, Json>> {
    return new Map(JSON.parse(String(await store.snapshot())) as [string, Json][])
}

/** A store as a sequential service: a value for each key. */
const model = {
    initial: (): Json => null,
    step: (state: Json, { value }: { readonly key: string, readonly value?: Json }) =>
        ({ state: value ?? state, result: value ?? state }),
    partOf: ({ key }: { readonly key: string }): string => key
}

async function work(context: WorkloadContext<DocumentedStore>): Promise<void> {
    const { random, client, members, operation } = context
    const member = client(Math.floor(random() * members))
    const key = `key${Math.floor(random() * 4)}`
    if (random() < 0.6) {
        const value = random()
        await operation({ key, value }, async () => {
            await member.publish({ key, value })
            return value
        })
        return
    }
    await operation({ key }, async () => {
        await member.barrier()
        return (await valuesOf(member.application)).get(key) ?? null
    })
}

const SOURCES: Readonly<Record<string, () => string>> = {
    'the Store of the README': readmeStore,
    'the Store of the example keyvalue': () =>
        readFileSync(`${root}/src/examples/keyvalue.ts`, 'utf8')
}

describe('a trial with all faults', () => {
    for (const [name, source] of Object.entries(SOURCES)) {
        test(`finds no fault in ${name}`, async () => {
            const Store = storeIn(source())
            const { runs, undecided } = await trial({
                application: () => new Store(), workload: work, model, seeds: SEEDS,
                operations: 80, hours: 0.01
            })
            assert.deepEqual([runs, undecided], [SEEDS, 0])
        })
    }

    test('finds that a store of the README without its restore loses its values', async () => {
        const Store = storeIn(readmeStore()
            .replace(/this\.values = new Map\(.*$/m, 'await text(chunks)'))
        await assert.rejects(trial({
            application: () => new Store(), workload: work, model, seeds: SEEDS, operations: 80,
            hours: 0.01
        }), /restore changes nothing/)
    })
})
