import { spawnSync } from 'node:child_process'

// Deadline: a command that has not ended by then is killed, and counts as failed.
const DEADLINE_MS = 300_000

function succeeds(command: string, args: readonly string[]): boolean {
    return spawnSync(command, args, { stdio: 'ignore', timeout: DEADLINE_MS }).status === 0
}

/** One thing that a network of one's own takes. */
export interface Requirement {
    readonly what: string
    /** The packages of Debian it comes with; none where no package would help. */
    readonly packages: readonly string[]
    isMet(): boolean
}

function command(name: string, args: readonly string[], packages: readonly string[]): Requirement {
    return { what: `the command ${name}`, packages, isMet: () => succeeds(name, args) }
}

/** A bridge head in a network of nobody else's, with all that the faults are made of. */
const TRIAL = [
    'ip link add one type veth peer name two',
    'ip rule add pref 10 from 10.0.0.1 to 10.0.0.2 ipproto tcp dport 1 blackhole',
    'tc qdisc add dev one root tbf rate 1mbit burst 16kb latency 100ms'
].join(' && ')

const REQUIREMENTS: readonly Requirement[] = [
    { what: 'Linux', packages: [], isMet: () => process.platform === 'linux' },
    { what: 'root', packages: [], isMet: () => process.getuid?.() === 0 },
    command('ip', ['-V'], ['iproute2']),
    command('tc', ['-V'], ['iproute2']),
    command('nsenter', ['--version'], ['util-linux']),
    command('unshare', ['--version'], ['util-linux']),
    command('setpriv', ['--version'], ['util-linux']),
    {
        what: 'a kernel that gives network namespaces, veth pairs, routing rules and tbf',
        packages: [],
        isMet: () => succeeds('unshare', ['--net', '--', 'sh', '-c', TRIAL])
    }
]

/** What one needs and has not got. */
export interface Lack {
    readonly what: string
    /** Whether it could have been installed, so that it is a defect that it was not. */
    readonly isInstallable: boolean
}

/** What is not there of all that the tests on real networks take; the first of it, or `null`. */
export function findLack(requirements: readonly Requirement[] = REQUIREMENTS): Lack | null {
    for (const requirement of requirements) {
        const { what, packages } = requirement
        if (!requirement.isMet()) {
            const mayInstall = process.getuid?.() === 0 && succeeds('apt-get', ['--version'])
            return { what, isInstallable: packages.length !== 0 && mayInstall }
        }
    }
    return null
}

/** Installs from Debian what is not there and can be had. */
export function install(requirements: readonly Requirement[] = REQUIREMENTS): void {
    const wanted = requirements.filter((one) => one.packages.length !== 0 && !one.isMet())
    const packages = [...new Set(wanted.flatMap((requirement) => requirement.packages))]
    const args = ['install', '-y', '--no-install-recommends', ...packages]
    if (packages.length !== 0 && !succeeds('apt-get', args)) {
        // The list of packages may be missing, or too old.
        succeeds('apt-get', ['update'])
        succeeds('apt-get', args)
    }
}

/** Whom to ask, whom to tell, and whether it is an error that nothing can be tried. */
export interface Circumstances {
    readonly requirements?: readonly Requirement[]
    readonly install?: (requirements: readonly Requirement[]) => void
    readonly warn?: (message: string) => void
    readonly isCi?: boolean
}

/**
 * Whether there can be networks here; whatever can be installed is. Says loudly what is missing.
 *
 * @throws Error under `CI=true`, where what is missing could have been installed.
 */
export function isReady({
    requirements = REQUIREMENTS,
    install: obtain = install,
    warn = console.warn,
    isCi = process.env['CI'] === 'true'
}: Circumstances = {}): boolean {
    if (findLack(requirements)?.isInstallable === true) {
        obtain(requirements)
    }
    const lack = findLack(requirements)
    if (lack === null) {
        return true
    }
    const message = `NOTHING WAS TRIED ON REAL NETWORKS: it takes ${lack.what}.`
    if (lack.isInstallable && isCi) {
        throw new Error(message)
    }
    warn(message)
    return false
}
