import type { Way } from './lan.js'
import { CALLS } from './orders.js'
import type { Scene } from './scene.js'

/** Something that befalls a republic under load, until it has shown. What heals it is `heal`. */
export interface Fault {
    readonly name: string
    /** By the catalogue of faults. */
    readonly id: string
    /** How many machines it takes, for what it waits for to come. @default 3 */
    readonly machinesMin?: number
    befall(scene: Scene): Promise<void>
}

/** How many answers show that a republic goes on. */
const SOME = 60

function waysOf(scene: Scene, passes: (way: Way) => boolean): Way[] {
    return scene.lan.ways.filter(passes)
}

function isOn({ from, to }: Way, machine: number): boolean {
    return from === machine || to === machine
}

/** A follower, the same in every run of the same government. */
function follower(scene: Scene, index: number = 0): number {
    return scene.followers[index % scene.followers.length] ?? 0
}

/** A read at the old leader returns old values. */
export const LEADER_CUT_OFF: Fault = {
    name: 'the leader is cut off',
    id: 'N5',
    async befall(scene) {
        const { leader } = scene
        await scene.lan.cut(...waysOf(scene, (way) => isOn(way, leader)))
        await scene.succeeded(leader)
        await scene.answered(SOME)
    }
}

const partitions: readonly Fault[] = [{
    name: 'a follower is cut off',
    id: 'N5',
    async befall(scene) {
        const lost = follower(scene)
        await scene.lan.cut(...waysOf(scene, (way) => isOn(way, lost)))
        await scene.exiled(lost)
        await scene.answered(SOME)
    }
}, LEADER_CUT_OFF, {
    name: 'two halves, the leader in the smaller one',
    id: 'N5',
    machinesMin: 5,
    async befall(scene) {
        const { leader } = scene
        const small = new Set([leader, follower(scene)])
        await scene.lan.cut(...waysOf(scene, ({ from, to }) => small.has(from) !== small.has(to)))
        await scene.succeeded(leader)
        await scene.answered(SOME)
    }
}, {
    name: 'a follower hears nobody',
    id: 'N6',
    async befall(scene) {
        const deaf = follower(scene, 1)
        await scene.lan.cut(...waysOf(scene, ({ to }) => to === deaf))
        await scene.answered(3 * SOME)
    }
}, {
    name: 'nobody hears the leader',
    id: 'N6',
    async befall(scene) {
        const { leader } = scene
        await scene.lan.cut(...waysOf(scene, ({ from }) => from === leader))
        await scene.succeeded(leader)
        await scene.answered(SOME)
    }
}, {
    name: 'a follower takes no calls, and makes them',
    id: 'N6',
    async befall(scene) {
        const mute = follower(scene, 2)
        await scene.lan.cut(...waysOf(scene, ({ to }) => to === mute)
            .map((way) => ({ ...way, port: CALLS })))
        await scene.answered(3 * SOME)
    }
}, {
    name: 'a star: the leader and all others see one follower only',
    id: 'N7',
    machinesMin: 5,
    async befall(scene) {
        const { leader } = scene
        const hub = follower(scene)
        await scene.lan.cut(...waysOf(scene, (way) => !isOn(way, hub)))
        await scene.succeeded(leader, hub)
        await scene.answered(SOME)
    }
}, {
    name: 'a star without its leader',
    id: 'N8',
    machinesMin: 5,
    async befall(scene) {
        const { leader } = scene
        const hub = follower(scene, 3)
        await scene.lan.cut(...waysOf(scene, (way) => !isOn(way, hub) || isOn(way, leader)))
        await scene.succeeded(leader, hub)
        await scene.answered(SOME)
    }
}, {
    name: 'a chain: the leader and one follower do not see each other',
    id: 'N9',
    async befall(scene) {
        const { leader } = scene
        const far = follower(scene, 1)
        await scene.lan.cut({ from: leader, to: far }, { from: far, to: leader })
        await scene.answered(5 * SOME)
    }
}, {
    name: 'a link that comes and goes',
    id: 'N13',
    async befall(scene) {
        const { leader } = scene
        for (let turn = 0; turn < 5; turn++) {
            await scene.lan.cut(...waysOf(scene, (way) =>
                isOn(way, leader) && isOn(way, follower(scene, turn))))
            await scene.answered(SOME / 4)
            await scene.lan.heal()
            await scene.answered(SOME / 4)
        }
    }
}]

const slownesses: readonly Fault[] = [{
    name: 'the cable of the leader is slow',
    id: 'N12',
    async befall(scene) {
        await scene.lan.slow(scene.leader)
        await scene.answered(SOME)
    }
}, {
    name: 'the cable of a follower is slow',
    id: 'N12',
    async befall(scene) {
        await scene.lan.slow(follower(scene))
        await scene.answered(3 * SOME)
    }
}, {
    name: 'the calls of the leader take 150 ms',
    id: 'N3',
    async befall(scene) {
        const { leader } = scene
        await scene.diversion.trouble(
            waysOf(scene, ({ from }) => from === leader), { name: 'late', ms: 150 })
        await scene.answered(SOME)
    }
}, {
    name: 'the calls of the leader are held, and come when another leads',
    id: 'N3',
    async befall(scene) {
        const { leader } = scene
        await scene.diversion.trouble(
            waysOf(scene, ({ from }) => from === leader), { name: 'held' })
        await scene.succeeded(leader)
        await scene.diversion.release()
        await scene.answered(SOME)
    }
}, {
    name: 'a follower is told, and tells, what was mangled on the way',
    id: 'N14',
    async befall(scene) {
        const misled = follower(scene, 1)
        await scene.diversion.trouble(
            waysOf(scene, (way) => isOn(way, misled)), { name: 'mangled' })
        await scene.answered(3 * SOME)
    }
}, {
    name: 'a follower is half open: it takes connections and is silent',
    id: 'N11',
    async befall(scene) {
        const silent = follower(scene)
        await scene.diversion.trouble(
            waysOf(scene, ({ to }) => to === silent), { name: 'deaf' })
        await scene.answered(3 * SOME)
    }
}, {
    name: 'the leader is half open, both ways',
    id: 'N11',
    async befall(scene) {
        const { leader } = scene
        await scene.diversion.trouble(
            waysOf(scene, (way) => isOn(way, leader)), { name: 'deaf' })
        await scene.succeeded(leader)
        await scene.answered(SOME)
    }
}]

const processes: readonly Fault[] = [{
    name: 'the leader is killed',
    id: 'P1',
    async befall(scene) {
        const { leader } = scene
        scene.residentOf(leader)?.kill()
        await scene.succeeded(leader)
        await scene.answered(SOME)
    }
}, {
    name: 'a follower is killed, and comes back at once under its id',
    id: 'P3',
    async befall(scene) {
        const lost = follower(scene)
        scene.residentOf(lost)?.kill()
        scene.restart()
        await scene.answered(SOME)
    }
}, {
    name: 'the leader is stopped, and goes on when another leads',
    id: 'P5',
    async befall(scene) {
        const { leader } = scene
        scene.residentOf(leader)?.stop()
        await scene.succeeded(leader)
        await scene.answered(SOME)
    }
}, {
    name: 'a follower is stopped, and goes on after its exile',
    id: 'P5',
    async befall(scene) {
        const lost = follower(scene, 1)
        scene.residentOf(lost)?.stop()
        await scene.exiled(lost)
        await scene.answered(SOME)
    }
}, {
    name: 'a follower is stopped for a moment',
    id: 'P5',
    async befall(scene) {
        const paused = scene.residentOf(follower(scene, 2))
        paused?.stop()
        await scene.answered(SOME / 4)
        paused?.resume()
        await scene.answered(SOME)
    }
}]

/** Every machine's process in turn is killed and started anew. It takes long. */
const rolling: Fault = {
    name: 'everybody is killed, one after the other',
    id: 'P4',
    async befall(scene) {
        for (const machine of scene.lan.machines) {
            scene.residentOf(machine)?.kill()
            scene.restart()
            await scene.until(() => scene.isWhole, 'the next one to be back')
        }
    }
}

/** What befalls a republic within a minute or so. */
export const FAULTS: readonly Fault[] = [...partitions, ...slownesses, ...processes]

/** What befalls it when there is time. */
export const ALL_FAULTS: readonly Fault[] = [...FAULTS, rolling]
