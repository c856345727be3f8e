import assert from 'node:assert/strict'
import { Colleague, inMemory } from '../../src/index.js'
import { MemoryJournal, MemoryStore } from '../../src/journal/memory-journal.js'
import {
    compose, type ComposedCommand, type Composition, type CompositionOptions, type PartsByName
} from '../../src/recipes/index.js'
import { MemoryNetwork } from '../../src/transport/memory.js'
import '../support/silence.js'

/** A member of a service, with the recipes of the test. */
export interface RecipeMember<Parts extends PartsByName> {
    readonly colleague: Colleague<ComposedCommand>
    readonly composition: Composition<Parts>
    readonly parts: Parts
}

/** The options of the Colleagues. */
const OPTIONS = { islandName: 'recipes', parliamentSize: 3, ping: 50, timeout: 400 }

/** Colleagues in memory, each with the same recipes. */
export class RecipeService<Parts extends PartsByName> implements AsyncDisposable {
    readonly network = new MemoryNetwork()
    readonly #make: (id: string) => Parts
    readonly #withJournal: boolean
    readonly #options: CompositionOptions
    readonly #stores = new Map<string, MemoryStore>()
    readonly #members = new Map<string, RecipeMember<Parts>>()
    readonly #all: Colleague<ComposedCommand>[] = []

    constructor(
        make: (id: string) => Parts, withJournal: boolean = false, options: CompositionOptions = {}
    ) {
        this.#make = make
        this.#withJournal = withJournal
        this.#options = options
    }

    /** Starts the founders at the same time. Each of them may lead afterwards. */
    async found(...ids: readonly string[]): Promise<void> {
        const members = await Promise.all(ids.map((id) => this.start(id, ids)))
        await Promise.all(members.map(async ({ colleague: { kibitzer } }) => {
            for await (const entry of kibitzer.entries()) {
                const isGovernment = entry.method === 'government'
                if (isGovernment && ids.every((id) => entry.government.naturalized.includes(id))) {
                    return
                }
            }
        }))
    }

    /** Starts a member, with the journal that its id had before. */
    async start(id: string, founders?: readonly string[]): Promise<RecipeMember<Parts>> {
        const parts = this.#make(id)
        const composition = compose(parts, this.#options)
        const store = this.#stores.get(id) ?? new MemoryStore()
        this.#stores.set(id, store)
        const colleague = new Colleague<ComposedCommand>({
            ...OPTIONS, colleagueId: id, application: composition,
            ...(this.#withJournal ? { journal: new MemoryJournal(store) } : {})
        })
        colleague.ended.catch(() => {})
        composition.connect(colleague)
        const member = { colleague, composition, parts }
        this.#members.set(id, member)
        this.#all.push(colleague)
        await colleague.start({
            attach: inMemory(this.network), ...(founders === undefined ? {} : { founders })
        })
        return member
    }

    /** The running member with an id. */
    member(id: string): RecipeMember<Parts> {
        const member = this.#members.get(id)
        assert.ok(member)
        return member
    }

    /** The parts of a member. */
    at(id: string): Parts {
        return this.member(id).parts
    }

    /** The leader's id, and the ids of the other members. */
    leaderAndOthers(): [leader: string, ...others: string[]] {
        const ids = [...this.#members.keys()]
        const leader = ids.find((id) =>
            this.member(id).colleague.kibitzer.status().role === 'leader')
        assert.ok(leader)
        return [leader, ...ids.filter((id) => id !== leader)]
    }

    /** Ends a member at once, as a crash does. */
    async crash(id: string): Promise<void> {
        const { colleague } = this.member(id)
        this.#members.delete(id)
        colleague.destroy()
        await colleague.ended
    }

    async [Symbol.asyncDispose](): Promise<void> {
        for (const colleague of this.#all) {
            colleague.destroy()
            await colleague.ended.catch(() => {})
        }
    }
}
