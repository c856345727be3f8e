import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'

/** Whoever dies without a word takes those it started along, even such as are stopped. */
const LEASH = ['setpriv', '--pdeathsig', 'KILL', '--']

/** The address of the hub, which is everybody's way to everybody. */
const HUB = '10.99.0.254'

/** Rules of the hub, in the order in which they are looked at. */
const CUT = 10
const DIVERT = 20
const DELIVER = 30
const LOCAL = 100

/** How much a slow link carries; what waits longer is lost. */
const SLOW = 'rate 256kbit burst 16kb latency 400ms'

/** Starts a program that ends with this process, whatever ends that, and not with Ctrl-C. */
function start(args: readonly string[], stdio: StdioOptions): ChildProcess {
    const [command = '', ...rest] = [...LEASH, ...args]
    return spawn(command, rest, { stdio, detached: true })
}

/** Runs a program to its end, with some lines on its standard input. */
async function run(args: readonly string[], lines: readonly string[]): Promise<void> {
    const child = start(args, ['pipe', 'ignore', 'pipe'])
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text) => { stderr += text })
    child.stdin?.end(lines.map((line) => `${line}\n`).join(''))
    const [code] = await once(child, 'close')
    if (code !== 0) {
        throw new Error(`${args.join(' ')} < ${lines.join('; ')}: ${stderr}`)
    }
}

/** A network namespace that lives as long as the process that holds it. */
class Namespace {
    readonly #holder: ChildProcess

    constructor(holder: ChildProcess) {
        this.#holder = holder
    }

    /** Makes one. It has no name that somebody would have to take back. */
    static async make(): Promise<Namespace> {
        const holder = start(['unshare', '--net', '--', 'cat'], ['pipe', 'pipe', 'inherit'])
        const ended = once(holder, 'exit').then(() => {
            throw new Error('There is no namespace to be had.')
        })
        // Once it echoes, it stands in a namespace of its own.
        holder.stdin?.write('\n')
        await Promise.race([once(holder.stdout ?? holder, 'data'), ended])
        ended.catch(() => {})
        return new Namespace(holder)
    }

    get pid(): number {
        return this.#holder.pid ?? 0
    }

    get #enter(): readonly string[] {
        return ['nsenter', `--net=/proc/${this.pid}/ns/net`, '--']
    }

    async ip(...lines: readonly string[]): Promise<void> {
        await run([...this.#enter, 'ip', '-batch', '-'], lines)
    }

    async tc(...lines: readonly string[]): Promise<void> {
        await run([...this.#enter, 'tc', '-batch', '-'], lines)
    }

    /** Lets this machine pass on what is not for itself. */
    async forward(): Promise<void> {
        // Only the namespace counts here: whose entry of the process tree it is does not matter.
        const setting = 'cat > /proc/sys/net/ipv4/ip_forward'
        await run([...this.#enter, 'sh', '-c', setting], ['1'])
    }

    /** Starts a program of ours here, with a channel to it. */
    node(program: string, args: readonly string[]): ChildProcess {
        return start([...this.#enter, process.execPath, program, ...args],
            ['ignore', 'ignore', 'inherit', 'ipc'])
    }

    async end(): Promise<void> {
        const isOver = this.#holder.exitCode !== null || this.#holder.signalCode !== null
        const ended = isOver ? undefined : once(this.#holder, 'close')
        this.#holder.kill('SIGKILL')
        await ended
    }
}

function deliver(to: string): string {
    return `pref ${DELIVER} to ${to} lookup main`
}

/** Which way packets go: from one machine to another, by their numbers. */
export interface Way {
    readonly from: number
    readonly to: number
}

/** Who calls on a way that is cut for calls alone, and the port that is called. */
export interface Cut extends Way {
    /** Only what goes to this port is lost; answers to the other's calls are not. */
    readonly port?: number
}

/**
 * Machines with a network of their own, each joined by a cable to a hub that carries packets from
 * one to the other. What is wrong with the network is wrong at the hub. Machines count from one.
 *
 * 1. Nothing of it can be seen from outside, nor has a name, nor outlives this process.
 * 2. `heal` leaves the network as it was made.
 */
export class Lan {
    readonly #hub: Namespace
    readonly #machines: readonly Namespace[]
    readonly #rules = new Set<string>()
    readonly #slow = new Set<number>()

    private constructor(hub: Namespace, machines: readonly Namespace[]) {
        this.#hub = hub
        this.#machines = machines
    }

    /** The address of a machine. */
    static address(machine: number): string {
        return `10.99.0.${machine}`
    }

    /** Makes a network of so many machines. */
    static async make(count: number): Promise<Lan> {
        const namespaces = await Promise.all(
            Array.from({ length: count + 1 }, () => Namespace.make()))
        const [hub, ...machines] = namespaces
        if (hub === undefined) {
            throw new Error('There is no hub.')
        }
        const lan = new Lan(hub, machines)
        try {
            await lan.#wire()
            return lan
        } catch (error) {
            await lan.end()
            throw error
        }
    }

    async #wire(): Promise<void> {
        await this.#hub.forward()
        await this.#hub.ip('link set lo up', ...this.#machines.flatMap(({ pid }, index) => [
            `link add m${index + 1} type veth peer name eth0 netns ${pid}`,
            `address add ${HUB} peer ${Lan.address(index + 1)} dev m${index + 1}`,
            `link set m${index + 1} up`
        ]))
        // A rule can then come before what the kernel looks at first: what is local here.
        await this.#hub.ip(`rule add pref ${LOCAL} lookup local`, 'rule del pref 0')
        await Promise.all(this.#machines.map((machine, index) => machine.ip(
            'link set lo up',
            `address add ${Lan.address(index + 1)}/32 dev eth0`,
            'link set eth0 up',
            `route add default via ${HUB} dev eth0 onlink`
        )))
    }

    /** Every machine. */
    get machines(): readonly number[] {
        return this.#machines.map((_, index) => index + 1)
    }

    /** Every way from one machine to another. */
    get ways(): readonly Way[] {
        return this.machines.flatMap((from) => this.machines
            .filter((to) => to !== from)
            .map((to) => ({ from, to })))
    }

    /** Starts a program of ours on a machine; on the hub, if that is 0. */
    node(machine: number, program: string, ...args: readonly string[]): ChildProcess {
        const namespace = machine === 0 ? this.#hub : this.#machines[machine - 1]
        if (namespace === undefined) {
            throw new Error(`There is no machine ${machine}.`)
        }
        return namespace.node(program, args)
    }

    /** Loses, without a word, every packet that goes one of these ways. */
    async cut(...cuts: readonly Cut[]): Promise<void> {
        await this.#add(cuts.map(({ from, to, port }) => {
            const calls = port === undefined ? '' : ` ipproto tcp dport ${port}`
            return `pref ${CUT} from ${Lan.address(from)} to ${Lan.address(to)}${calls} blackhole`
        }))
    }

    /**
     * Hands the calls that go these ways, to one port, to whoever listens there at the hub, in the
     * name of the addressee.
     */
    async divert(ways: readonly Way[], port: number): Promise<void> {
        const addressees = new Set(ways.map(({ to }) => Lan.address(to)))
        const fresh = [...addressees].filter((to) => !this.#rules.has(deliver(to)))
        // All else goes on to the addressee, though the hub now bears its address too.
        await this.#add(fresh.map(deliver))
        await this.#hub.ip(...fresh.map((to) => `route add local ${to} dev lo table local`))
        await this.#add(ways.map(({ from, to }) => {
            const between = `from ${Lan.address(from)} to ${Lan.address(to)}`
            return `pref ${DIVERT} ${between} ipproto tcp dport ${port} lookup local`
        }))
    }

    /** Lets a machine's cable carry little, to it and from it. */
    async slow(machine: number): Promise<void> {
        this.#slow.add(machine)
        await this.#hub.tc(`qdisc add dev m${machine} root tbf ${SLOW}`)
        await this.#machines[machine - 1]?.tc(`qdisc add dev eth0 root tbf ${SLOW}`)
    }

    /** Undoes all that was done to the network. */
    async heal(): Promise<void> {
        const rules = [...this.#rules]
        this.#rules.clear()
        await this.#hub.ip(...rules.map((rule) => `rule del ${rule}`), ...rules
            .map((rule) => / to (\S+) lookup main$/.exec(rule)?.[1])
            .filter((to) => to !== undefined)
            .map((to) => `route del local ${to} dev lo table local`))
        await Promise.all([...this.#slow].map(async (machine) => {
            this.#slow.delete(machine)
            await this.#hub.tc(`qdisc del dev m${machine} root`)
            await this.#machines[machine - 1]?.tc('qdisc del dev eth0 root')
        }))
    }

    async #add(rules: readonly string[]): Promise<void> {
        const fresh = [...new Set(rules)].filter((rule) => !this.#rules.has(rule))
        for (const rule of fresh) {
            this.#rules.add(rule)
        }
        await this.#hub.ip(...fresh.map((rule) => `rule add ${rule}`))
    }

    /** Takes the network away. Programs on its machines are their starter's to end, and first. */
    async end(): Promise<void> {
        await Promise.all([this.#hub, ...this.#machines].map((namespace) => namespace.end()))
    }
}
