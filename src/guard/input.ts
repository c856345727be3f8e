import { isPaxosOption, type PaxosOptions } from '../paxos/options.js'
import type { BirthBody, EventBody, Inputs, ReviveBody } from '../member/inputs.js'
import { properties, userValue } from './entry.js'
import { batch, immigration } from './envelope.js'
import { WIRE_LIMITS, type WireLimits } from './limits.js'
import { Fault, type Guarded } from './rejection.js'
import { request } from './request.js'
import { receipts, response } from './response.js'
import {
    ballot, cookie, flag, id, index, instant, name, oneOf, promise, text, version
} from './scalars.js'
import {
    applyGuard, dictionary, type Guard, list, nullable, optional, record
} from './combinators.js'

/**
 * `publishAll` accepts as many values as the option `publishes` permits, so the limit of a batch
 * does not apply.
 */
const PUBLISHED_LIMITS: WireLimits = {
    ...WIRE_LIMITS, entriesMax: Number.MAX_SAFE_INTEGER
}

const WRONG_TYPE = new Fault('wrong-type')

/** The options of an engine by name, in the order of the input. */
const options: Guard<PaxosOptions> = (value, limits) => {
    const rebuilt = dictionary(text, (each) => {
        return typeof each === 'number' ? each : WRONG_TYPE
    }, 'citizensMax')(value, limits)
    if (rebuilt instanceof Fault) {
        return rebuilt
    }
    const invalid = Object.entries(rebuilt).find(([key, each]) => !isPaxosOption(key, each))
    return invalid === undefined ? rebuilt : WRONG_TYPE.inItem(invalid[0])
}

const nothing = record<Readonly<Record<string, never>>>({})

/** One guard for each input. Fields are rebuilt in the order in which inputs are recorded. */
const BODIES: { readonly [Method in keyof Inputs]: Guard<Inputs[Method]> } = {
    birth: record<BirthBody>({ id, version: index, options }),
    revive: record<ReviveBody>({
        version: optional(index), options: optional(options), disk: optional(flag)
    }),
    bootstrap: record<Inputs['bootstrap']>({
        republic: name, properties, founding: optional(text), version: optional(version)
    }),
    join: record<Inputs['join']>({ republic: name, cookie: optional(name) }),
    naturalize: nothing,
    upgrade: record<Inputs['upgrade']>({ version }),
    leave: nothing,
    cede: record<Inputs['cede']>({ id }),
    move: record<Inputs['move']>({ properties }),
    locate: record<Inputs['locate']>({ id, properties }),
    event: record<EventBody>({
        module: oneOf(['happenstance'], 'unknown-module'),
        method: oneOf(['event'], 'unknown-method'),
        now: instant,
        key: text,
        when: instant,
        body: text
    }),
    immigrate: immigration,
    receive: request,
    enqueue: batch,
    publish: userValue,
    publishAll: (value) => list(userValue, 'entriesMax')(value, PUBLISHED_LIMITS),
    published: record<Inputs['published']>({
        cookie, promises: nullable(receipts), refused: optional(text)
    }),
    sent: record<Inputs['sent']>({
        cookie, responses: dictionary(id, nullable(response), 'citizensMax')
    }),
    stable: record<Inputs['stable']>({ ballot, promise, committed: promise })
}

/** Whether `method` is the name of an input. */
export function isInput(method: unknown): method is keyof Inputs {
    return typeof method === 'string' && Object.hasOwn(BODIES, method)
}

/** Guards the body of an input that a program plays or replays. Never throws. */
export function guardInput<Method extends keyof Inputs>(
    method: Method,
    body: unknown
): Guarded<Inputs[Method]> {
    return applyGuard(BODIES[method] as Guard<Inputs[Method]>, body, WIRE_LIMITS)
}
