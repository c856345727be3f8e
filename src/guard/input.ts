import { isPaxosOption, type PaxosOptions } from '../paxos/options.js'
import type { BirthBody, EventBody, Inputs, ReviveBody } from '../member/played.js'
import { properties, userValue } from './entry.js'
import { batch, immigration } from './envelope.js'
import { WIRE_LIMITS, type WireLimits } from './limits.js'
import { Fault, type Guarded } from './rejection.js'
import { request } from './request.js'
import { receipts, response } from './response.js'
import { cookie, id, index, instant, name, oneOf, text } from './scalars.js'
import { dictionary, type Guard, judge, list, nullable, optional, record } from './combinators.js'

/** A list of what a user publishes is as long as the option `publishes` permits. */
const PUBLISHED_LIMITS: WireLimits = {
    ...WIRE_LIMITS, entriesMax: Number.MAX_SAFE_INTEGER
}

const WRONG_TYPE = new Fault('wrong-type')

/** The options of an engine, by name, in the order in which the options came. */
const options: Guard<PaxosOptions> = (value, limits) => {
    const rebuilt = dictionary(text, (each) => {
        return typeof each === 'number' ? each : WRONG_TYPE
    }, 'citizensMax')(value, limits)
    if (rebuilt instanceof Fault) {
        return rebuilt
    }
    const odd = Object.entries(rebuilt).find(([key, each]) => !isPaxosOption(key, each))
    return odd === undefined ? rebuilt : WRONG_TYPE.inItem(odd[0])
}

const nothing = record<Readonly<Record<string, never>>>({})

/** One guard for each input. The fields are rebuilt in the order in which they are recorded. */
const BODIES: { readonly [Method in keyof Inputs]: Guard<Inputs[Method]> } = {
    birth: record<BirthBody>({ id, version: index, options }),
    revive: record<ReviveBody>({ version: optional(index), options: optional(options) }),
    bootstrap: record<Inputs['bootstrap']>({
        republic: name, properties, founding: optional(text)
    }),
    join: record<Inputs['join']>({ republic: name, cookie: optional(name) }),
    naturalize: nothing,
    leave: nothing,
    cede: record<Inputs['cede']>({ id }),
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
    })
}

/** Whether an input has this name. */
export function isInput(method: unknown): method is keyof Inputs {
    return typeof method === 'string' && Object.hasOwn(BODIES, method)
}

/** Guards the body of an input that a program plays or replays itself. Never throws. */
export function guardInput<Method extends keyof Inputs>(
    method: Method,
    body: unknown
): Guarded<Inputs[Method]> {
    return judge(BODIES[method] as Guard<Inputs[Method]>, body, WIRE_LIMITS)
}
