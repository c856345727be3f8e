import { isCore, isForlorn, isSeatKept, presentOn } from './checks/judge.js'
import type { Colleagues } from './colleague.js'
import type { Dice } from '../../src/testing/dice.js'
import type { NetworkCondition } from '../../src/testing/weather.js'
import type { World } from './world.js'

/** Where all is well from now on. */
export interface Core {
    readonly hosts: ReadonlySet<number>
    /** Nothing is left broken. */
    readonly isWhole: boolean
}

const WAYS = ['dead', 'cut', 'deaf', 'mute'] as const

/**
 * Leaves some hosts broken for good, as long as what is left could go on: they are dead, cut off,
 * or can only send or only receive.
 */
export function cutOff(world: World, dice: Dice): Core {
    const hosts = new Set(world.network.hosts.keys())
    const broken = new Map<number, (typeof WAYS)[number]>()
    const { government } = world.realm.chronicle
    for (const { host } of dice.shuffle(world.living)) {
        hosts.delete(host)
        if (dice.chance(0.6) && isCore(government, presentOn(world, hosts))) {
            broken.set(host, dice.pick(WAYS))
        } else {
            hosts.add(host)
        }
    }
    for (const one of world.living) {
        if (broken.get(one.host) === 'dead') {
            world.kill(one)
        }
    }
    world.say(() => `*** left broken: ${[...broken].map((pair) => pair.join(' ')).join(', ')}`)
    const isOut = (from: number, way: string): boolean =>
        ['cut', way].includes(broken.get(from) ?? '')
    const bear: NetworkCondition['bear'] = (from, to, _isReply, fate) => {
        fate.isLost ||= from !== to && (isOut(from, 'mute') || isOut(to, 'deaf'))
        return false
    }
    world.weather.conditions.add({ kind: 'partition', bear })
    return { hosts, isWhole: broken.size === 0 }
}

/**
 * Does what an operator would: begins anew whoever knows nobody any more that could tell it of its
 * exile, and one of those who ask in vain for the name of a voter that is gone, under another name.
 */
export function rescue(world: World, colleagues: Colleagues, { hosts }: Core): void {
    const members = world.living.filter(({ host }) => hosts.has(host))
    const asking = isSeatKept(world, members)
        ? members.find((one) => !world.isCitizen(one)) : undefined
    for (const one of members) {
        if (one === asking || isForlorn(world, one, hosts)) {
            colleagues.restart(one, false)
        }
    }
}
