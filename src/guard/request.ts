import type { Request, RequestHeader } from '../paxos/messages/messages.js'
import { incarnation, moveWish, rejectRun, run, sender, welcome } from './entry.js'
import {
    ballot, callNumber, duration, flag, instant, name, oneOf, promise, text
} from './scalars.js'
import {
    type Fields,
    type Guard,
    nullable,
    optional,
    refine,
    type Rest,
    Shape,
    variant
} from './combinators.js'

type Method = Request['method']

const HEADER: Fields<RequestHeader> = {
    republic: name,
    founding: text,
    from: sender,
    to: incarnation,
    government: promise,
    committed: promise,
    minimum: promise,
    standing: nullable(duration),
    age: optional(duration),
    echo: optional(instant),
    moved: optional(moveWish),
    call: optional(callNumber)
}

const SHAPES: {
    readonly [Key in Method]: Shape<Rest<Extract<Request, { method: Key }>, 'method'>>
} = {
    register: new Shape({
        ...HEADER,
        ballot,
        previous: promise,
        entries: run,
        stable: optional(promise),
        trimmed: optional(flag)
    }),
    synchronize: new Shape({
        ...HEADER,
        welcome: nullable(welcome),
        previous: promise,
        entries: run,
        trimmed: optional(flag)
    }),
    canvass: new Shape({ ...HEADER, ceded: optional(promise) }),
    prepare: new Shape({ ...HEADER, ballot, ceded: optional(promise) }),
    petition: new Shape(HEADER),
    cede: new Shape({ ...HEADER, ballot })
}

const METHODS: readonly Method[] = [
    'register',
    'synchronize',
    'canvass',
    'prepare',
    'petition',
    'cede'
]

/** A request of an engine. The entries of the run form an unbroken chain. */
export const request: Guard<Request> = refine(
    variant<Request, 'method'>(
        'method',
        oneOf(METHODS, 'unknown-method'),
        (method) => SHAPES[method]
    ),
    (rebuilt) => ('entries' in rebuilt ? rejectRun(rebuilt.previous, rebuilt.entries) : null)
)
