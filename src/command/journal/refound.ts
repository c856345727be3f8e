import { connect } from 'node:net'
import { dirname } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { printable } from '../../base/printable.js'
import { FileJournal } from '../../journal/file-journal.js'
import { FileSystem } from '../../journal/filesystem.js'
import { setAside } from '../../journal/set-aside.js'
import { Kibitzer } from '../../member/kibitzer.js'
import type { Republic } from '../../paxos/messages/messages.js'
import { UsageError } from '../usage-error.js'
import { FolderError } from './inspect.js'
import type { JournalOptions } from './options.js'
import { end, mostAdvanced, type Survivor, surviving } from './surviving.js'

/** An address that accepts no connection within this time is silent, in milliseconds. */
const CONNECT_MS = 3_000

/** The number of values that are published at once. */
const STRIDE = 1_000

/** The file in the new folder that records the refounding. */
export const REFOUNDED = 'refounded.json'

/** The host and the port of an address; `null` if the text is no address. */
function endpointOf(address: string): { readonly host: string, readonly port: number } | null {
    const text = /^[a-z]+:\/\//i.test(address) ? address : `http://${address}`
    if (!URL.canParse(text)) {
        return null
    }
    const { hostname, port, protocol } = new URL(text)
    const usual = protocol === 'https:' ? 443 : 80
    return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || usual }
}

/** Whether a process accepts connections at an address. */
function answers(address: string): Promise<boolean> {
    const endpoint = endpointOf(address)
    if (endpoint === null) {
        return Promise.resolve(false)
    }
    return new Promise((resolve) => {
        const socket = connect({ ...endpoint, timeout: CONNECT_MS })
        const end = (isThere: boolean) => () => {
            socket.destroy()
            resolve(isThere)
        }
        socket.once('connect', end(true))
        socket.once('timeout', end(false))
        socket.once('error', end(false))
    })
}

/** Refuses if another member of the government answers at its address, or any given address. */
async function rejectAnswers(survivor: Survivor, through: readonly string[]): Promise<void> {
    const known = Object.entries(survivor.government.properties)
        .filter(([id]) => id !== survivor.id)
        .map(([id, properties]) => {
            const { url } = (properties ?? {}) as { readonly url?: unknown }
            return { id, address: typeof url === 'string' ? url : '' }
        })
    const asked = [...known, ...through.map((address) => ({ id: 'a member', address }))]
    for (const { id, address } of asked) {
        if (await answers(address)) {
            throw new FolderError(`${id} answers at ${address}. Nothing was changed. If a majority `
                + 'can still run, start those members instead; otherwise stop every member of the '
                + 'old republic first.')
        }
    }
}

/** Writes the journal of a republic of one member, which holds the state and the values. */
async function found(survivor: Survivor, republic: Republic, folder: string): Promise<string> {
    const { id, properties, state, bodies } = survivor
    const kibitzer = new Kibitzer({ id, journal: new FileJournal(folder), logger: false })
    try {
        await kibitzer.recover()
        kibitzer.listen()
        kibitzer.bootstrap(republic, properties)
        await kibitzer.barrier()
        if (state !== null) {
            await kibitzer.snapshot('1/0', state)
        }
        for (let from = 0; from < bodies.length; from += STRIDE) {
            await kibitzer.publishAll(bodies.slice(from, from + STRIDE))
        }
        return (await kibitzer.barrier()).promise
    } finally {
        await end(kibitzer)
    }
}

/**
 * Founds a new republic of one member from the most advanced journal of a lost majority. The old
 * folder keeps its bytes under another name. Returns the text for standard output.
 *
 * @throws UsageError without `--majority-is-lost`; FolderError if a member answers, if a process
 * holds a folder, or if no folder is usable; KibitzError if a journal is damaged.
 */
export async function refound(options: JournalOptions): Promise<string> {
    const { folder, others, through, run } = options
    const survivors: Survivor[] = []
    for (const each of [folder, ...others]) {
        survivors.push(await surviving(each))
    }
    const best = mostAdvanced(survivors)
    const lines = survivors.map(({ journal: { place }, id, head, accepted, bodies }) =>
        `${place.folder}: ${id}, the log through ${head} (ballot ${accepted}), ${bodies.length} `
        + `values behind the snapshot${survivors.length > 1 && id === best.id ? ', chosen' : ''}\n`)
    await rejectAnswers(best, through)
    if (!options.isMajorityLost) {
        throw new UsageError('Nothing was changed. The new republic lacks every entry that only '
            + 'the lost members hold. Pass --majority-is-lost if the lost members will never run '
            + `again.\n${lines.join('')}`)
    }
    const disk = new FileSystem()
    const path = best.journal.place.folder
    const fresh = `${path}.new`
    if (await disk.list(fresh) !== null) {
        throw new FolderError(`${fresh} exists already, perhaps from an interrupted refound. `
            + 'Nothing was changed; remove that folder, and try again.')
    }
    const republic = run ?? Date.now()
    const hold = await disk.hold(path)
    try {
        const last = await found(best, republic, fresh)
        const action = {
            at: new Date().toISOString(), member: best.id,
            old: { republic: best.republic, founding: best.founding, head: best.head },
            new: { republic, last }, values: best.bodies.length,
            hasState: best.state !== null
        }
        await writeFile(`${fresh}/${REFOUNDED}`, `${JSON.stringify(action, null, 4)}\n`)
        await disk.syncFolder(fresh)
    } finally {
        await hold.release()
    }
    const old = await setAside(disk, path, 'before-refound')
    await disk.rename(fresh, path)
    await disk.syncFolder(dirname(path))
    return printable(`${lines.join('')}${path} is now the journal of ${best.id}, the only member `
        + `of the republic ${republic}. The old journal is ${old}. Start ${best.id} there; every `
        + 'other member starts with an empty folder and joins.\n')
}
