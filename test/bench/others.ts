import { type ChildProcess, spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts } from '../support/free-port.js'
import type { Household } from './household.js'

/** A service of three processes that others have made. */
export interface Cluster {
    readonly processes: readonly ChildProcess[]
    /** Where each process is reached, in the order of the processes. */
    readonly urls: readonly string[]
}

const FOLDERS = [
    ...(process.env['PATH'] ?? '').split(':'), '/usr/bin', '/usr/sbin', '/usr/local/bin'
]

/** Where a program is, or `null` where it is not installed. */
export function locate(program: string): string | null {
    return FOLDERS.map((folder) => join(folder, program)).find(existsSync) ?? null
}

const NUMBERS = [0, 1, 2] as const

/** Starts three etcd members in fresh folders, below a folder where one is given. */
export async function startEtcd(
    household: Household,
    program: string,
    parent: string | undefined
): Promise<Cluster> {
    const ports = await freePorts(6)
    const clients = NUMBERS.map((number) => `http://127.0.0.1:${ports[number]}`)
    const peers = NUMBERS.map((number) => `http://127.0.0.1:${ports[number + 3]}`)
    const cluster = peers.map((url, number) => `bench-${number}=${url}`).join(',')
    const processes = NUMBERS.map((number) => {
        const args = [
            '--name', `bench-${number}`, '--data-dir', household.folder(parent),
            '--listen-client-urls', clients[number] ?? '',
            '--advertise-client-urls', clients[number] ?? '',
            '--listen-peer-urls', peers[number] ?? '',
            '--initial-advertise-peer-urls', peers[number] ?? '',
            '--initial-cluster', cluster, '--initial-cluster-state', 'new',
            '--logger', 'zap', '--log-outputs', 'stderr'
        ]
        return household.serve(program, args, /ready to serve client requests|serving .*client/i)
    })
    return { processes: await Promise.all(processes), urls: clients }
}

/** Whether a NATS server can be told to synchronize before it answers. */
export function synchronizes(household: Household, program: string): boolean {
    const path = join(household.folder(), 'nats.conf')
    writeFileSync(path, `jetstream { ${ALWAYS} }`)
    // It looks at the file alone, and ends.
    return spawnSync(program, ['-t', '-c', path], { stdio: 'ignore' }).status === 0
}

/** Has JetStream synchronize before it answers. */
export const ALWAYS = 'sync_interval: always'

/**
 * Starts three NATS servers with JetStream in fresh folders. They are named `bench-0` and on.
 *
 * @param setting Goes among the settings of JetStream.
 */
export async function startNats(
    household: Household,
    program: string,
    setting: string = ''
): Promise<Cluster> {
    const ports = await freePorts(6)
    const routes = NUMBERS.map((number) => `nats://127.0.0.1:${ports[number + 3]}`)
    const processes = NUMBERS.map((number) => {
        const folder = household.folder()
        const path = join(folder, 'nats.conf')
        writeFileSync(path, [
            `server_name: bench-${number}`,
            'host: 127.0.0.1',
            `port: ${ports[number]}`,
            'jetstream {',
            `    store_dir: ${JSON.stringify(join(folder, 'store'))}`,
            `    ${setting}`,
            '}',
            'cluster {',
            '    name: bench',
            '    host: 127.0.0.1',
            `    port: ${ports[number + 3]}`,
            `    routes: ${JSON.stringify(routes)}`,
            '}'
        ].join('\n'))
        // Every server hears who leads the cluster's metadata; before that no stream can be made.
        return household.serve(program, ['-c', path], /metadata leader/i)
    })
    return {
        processes: await Promise.all(processes),
        urls: NUMBERS.map((number) => `nats://127.0.0.1:${ports[number]}`)
    }
}
