import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Patch } from '../exploration/copy.js'

const SOURCE = fileURLToPath(new URL('../../src/', import.meta.url))

/** Where one that is written down goes on, as the compiler leaves it. */
const RESTORES = /^ {4}(?:static restore|recall)\([\s\S]*?^ {4}\}$/gm

/** A line that gives who goes on something of what was written. */
const REMEMBERS = /^ +(?!assertState)(?:[\w.#]+ = .*|[\w.#]+\(.*);$/gm

/** A patch that lets one line of what was written be forgotten. */
export interface Oblivion extends Patch {
    readonly forgets: string
}

/** Every way to forget one line of what was written. */
export function oblivions(): readonly Oblivion[] {
    const all = readdirSync(`${SOURCE}paxos`, { recursive: true, encoding: 'utf8' })
    const engine = all.filter((name) => name.endsWith('.js'))
    return ['publisher/islander.js', ...engine.map((name) => `paxos/${name}`)].flatMap((file) => {
        const text = readFileSync(`${SOURCE}${file}`, 'utf8')
        return [...text.matchAll(RESTORES)].flatMap(([whole]) =>
            [...whole.matchAll(REMEMBERS)].map(({ 0: line, index }) => {
                const forgetful = `${whole.slice(0, index)};${whole.slice(index + line.length)}`
                return { file, from: whole, to: forgetful, forgets: line.trim() }
            }))
    })
}
