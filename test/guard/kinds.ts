import assert from 'node:assert/strict'
import type { RejectionCode } from '../../src/guard/rejection.js'
import { type Path, places } from './places.js'
import type { Sample } from './samples.js'

/** What stands somewhere in a message. With `?`, `null` may stand there, too. */
export type Kind =
    | 'record' | 'record?' | 'dictionary' | 'dictionary?' | 'list' | 'list?' | 'opaque' | 'text'
    | 'name' | 'name?' | 'id' | 'id?' | 'cookie' | 'promise' | 'ballot' | 'duration?' | 'index'
    | 'hops' | 'flag' | 'version' | 'module' | 'method'

/** An invalid value and the expected rejection code. */
export type Bad = readonly [value: unknown, code: RejectionCode]

/** By the end of the path, with `*` for a place in a list; the first that matches counts. */
const KINDS: readonly (readonly [RegExp, Kind])[] = [
    [/^outcome \w+ republic$/, 'name?'],
    [/^outcome \w+ leader$/, 'id?'],
    [/^receipts \w+ $/, 'dictionary'],
    [/^receipts \w+ \w+$/, 'promise'],
    [/^\w+ \w+ $/, 'record'],
    [/ module$/, 'module'],
    [/ (?:body\.)?method$/, 'method'],
    [/ to$/, 'opaque'],
    [/^call (?:enqueue|batchPassedOn) body\.entries\.\*\.cookie$/, 'cookie'],
    [/^call (?:enqueue|batchPassedOn) body\.entries\.\*\.body$/, 'opaque'],
    [/entries\.\*\.body\.body$/, 'opaque'],
    [/entries\.\*\.body\.cookie$/, 'cookie'],
    [/(?:\.body|welcome\.government)\.version$/, 'version'],
    [/welcome\.government\.properties$/, 'dictionary'],
    [/properties(?:\.[^.]+)?$/, 'opaque'],
    [/\.number$/, 'index'],
    [/ body\.moved$|\.move$/, 'record'],
    [/census\.[^.]+\.moved$/, 'index'],
    [/ moving$/, 'list'],
    [/ body\.government$| body\.minimum$| government$/, 'promise'],
    [/immigrated\.(?:id|promise)$|census$/, 'dictionary'],
    [/immigrated\.id\.[^.]+$/, 'id'],
    [/immigrated\.promise\.[^.]+$/, 'promise'],
    [/government\.republic$/, 'name?'],
    [/welcome$|\.immigrate$|\.exile$/, 'record?'],
    [/\.promote$/, 'list?'],
    [/\.(?:demote|naturalize)$/, 'id?'],
    [/\.map$/, 'dictionary?'],
    [/\.map\.[^.]+$|(?:naturalizing|leaving)\.\*$|silent\.\*$/, 'promise'],
    [/(?:majority|minority|constituents|naturalized)\.\*$/, 'id'],
    [/(?:majority|minority|constituents|naturalized|naturalizing|leaving|silent|entries)$/, 'list'],
    [/government\.immigrated$| from$| to$|\.from$|\.to$|minimum$|government$|body$|\*$/, 'record'],
    [/census\.[^.]+$/, 'record'],
    [/published$/, 'cookie'],
    [/republic$|cookie$/, 'name'],
    [/founding$/, 'text'],
    [/\bid$/, 'id'],
    [/ballot$|accepted$|consent$/, 'ballot'],
    [/(?:promise|previous|committed|ceded|minimum)$/, 'promise'],
    [/(?:immigrated|position|version|reduced)$/, 'promise'],
    [/standing$/, 'duration?'],
    [/index$/, 'index'],
    [/hops$/, 'hops'],
    [/(?:enqueued|exiled)$/, 'flag']
]

/** The name of the sample, and the path with a star for any place in a list. */
function nameOf({ name }: Sample, path: Path): string {
    return `${name} ${path.map((key) => (typeof key === 'number' ? '*' : key)).join('.')}`
}

/** What stands at a place of a sample. */
export function kindOf(sample: Sample, path: Path): Kind {
    const name = nameOf(sample, path)
    const kind = KINDS.find(([pattern]) => pattern.test(name))?.[1]
    assert(kind !== undefined, `nothing is known of ${name}`)
    return kind
}

const OPTIONAL: readonly RegExp[] = [
    /^call enqueue body\.entries\.\*\.immigrated$/,
    /^call batchPassedOn body\.hops$/,
    /^call \w+ to$/,
    /^call \w+ body\.ceded$/,
    /(?:\.body|welcome\.government)\.version$/,
    /\.body\.demote$/,
    /\.exile\.consent$/,
    /^response \w+ (?:leaving|moving)$/,
    /^call \w+ body\.moved$/,
    /(?:\.body\.move|census\.[^.]+\.moved)$/,
    /^outcome \w+ (?:republic|leader)$/
]

/** Whether a field may be missing. */
export function isOptional(sample: Sample, path: Path): boolean {
    return OPTIONAL.some((pattern) => pattern.test(nameOf(sample, path)))
}

/** Whether a place lies within something that is the user's own. */
function isWithinOpaque(sample: Sample, path: Path): boolean {
    return path.some((_, depth) =>
        depth !== 0 && kindOf(sample, path.slice(0, depth)) === 'opaque')
}

/** The places of a sample that are the guard's to look at, the whole first. */
export function guarded(sample: Sample): Path[] {
    return places(sample.value).filter((path) => !isWithinOpaque(sample, path))
}

const MEGABYTE = 'x'.repeat(2 ** 20)
const MILLION = Array(10 ** 6).fill('a')
const MANY = Object.fromEntries(MILLION.slice(0, 2 ** 17 + 1).map((_, n) => [n.toString(16), 1]))
const NO_OBJECTS = [true, 5, 'x', 1n, Symbol('s'), () => 1]

function all(code: RejectionCode, values: readonly unknown[]): Bad[] {
    return values.map((value) => [value, code])
}

const noString = all('wrong-type', [true, 5, 1n, Symbol('s'), () => 1, {}, [], ['1/0'], [[]]])
const noNumber = all('wrong-type', [true, '5', 1n, Symbol('s'), () => 1, {}, []])
const noRecord = all('not-an-object', [...NO_OBJECTS, [], [{}]])
const noList = all('wrong-type', [...NO_OBJECTS, {}, { length: 0 }, new Set(), new Uint8Array(2)])
const noWhole = all('bad-number', [Number.NaN, Number.POSITIVE_INFINITY, 0.5, 2 ** 53, 2 ** 53 + 2])
const long: readonly Bad[] = [[MEGABYTE, 'too-long']]
const lone = all('bad-text', ['\ud800', 'a\udc00b', '\udc00\ud800'])

/** The bad spellings of a number of so many words. */
function noMonotonic(words: number): Bad[] {
    const number = (word: string): string => Array(words).fill(word).join('/')
    const spellings = ['', '01', 'A', 'g', '-1', '1.5', '0x1', ' 1', '1 ', '1\n', '1\0', '\ud800']
    return [
        ...noString,
        ...long,
        ...all('bad-number', [
            ...spellings.map(number), `${number('1')}/0`, `${number('1')}/`, `/${number('1')}`,
            Array(words - 1).fill('1').join('/'), 'NaN', '1e+9', '__proto__'
        ]),
        [`${'f'.repeat(65)}${'/0'.repeat(words - 1)}`, 'too-long'],
        [`${'0/'.repeat(words - 1)}${'f'.repeat(65)}`, 'too-long']
    ]
}

const name: readonly Bad[] = [
    ...all('wrong-type', [true, 1n, Symbol('s'), () => 1, {}, []]), ...noWhole, ...lone, ...long,
    [-(2 ** 53), 'bad-number'], ['x'.repeat(257), 'too-long']
]
const id: readonly Bad[] = [
    ...noString, ...long, ['x'.repeat(129), 'too-long'],
    ...all('bad-id', [
        '', ' ', 'a b', 'a/b', 'a\n', '\0', '__proto__', 'é', '\ud800', '[object Object]', 'a,b'
    ])
]
const list: readonly Bad[] = [...noList, [MILLION, 'too-many']]
const dictionary: readonly Bad[] = [...noRecord, [MANY, 'too-many']]
const word: readonly Bad[] = [...noString]

const BAD: Readonly<Record<Exclude<Kind, `${string}?`>, readonly Bad[]>> = {
    record: noRecord,
    dictionary,
    list,
    opaque: [
        ...all('wrong-type', [
            1n, Symbol('s'), () => 1, Number.NaN, [Number.POSITIVE_INFINITY], new Date(0),
            new Map(), { nested: [undefined, () => 1] }
        ]),
        [MEGABYTE, 'too-large'], [{ a: [MEGABYTE] }, 'too-large'], [MILLION, 'too-large'],
        [{ [MEGABYTE]: 1 }, 'too-large']
    ],
    text: [...noString, ...lone, ...long, ['x'.repeat(257), 'too-long']],
    name,
    id,
    cookie: noMonotonic(1),
    promise: noMonotonic(2),
    ballot: noMonotonic(3),
    index: [...noNumber, ...noWhole, [-1, 'bad-number']],
    hops: [...noNumber, ...noWhole, [-1, 'bad-number'], [2, 'bad-number']],
    version: [...noNumber, ...all('unknown-version', [0, 1, 3, 1.5, Number.NaN])],
    flag: all('wrong-type', [0, 1, 'true', 1n, {}, []]),
    module: [...word, ['kibtiz', 'unknown-module'], [MEGABYTE, 'unknown-module']],
    method: [
        ...word, [MEGABYTE, 'unknown-method'],
        ...all('unknown-method', ['', 'Receive', '__proto__', 'constructor', 'toString'])
    ]
}

const durations: readonly Bad[] = [
    ...noNumber, ...all('bad-number', [Number.NaN, Number.POSITIVE_INFINITY, -1, -Number.MIN_VALUE])
]

/** The invalid values for a place of this kind. */
export function badFor(kind: Kind): readonly Bad[] {
    switch (kind) {
        case 'record?':
            return BAD.record
        case 'dictionary?':
            return BAD.dictionary
        case 'list?':
            return BAD.list
        case 'name?':
            return BAD.name
        case 'id?':
            return BAD.id
        case 'duration?':
            return durations
        case 'record':
        case 'dictionary':
            return [...BAD[kind], [null, 'not-an-object']]
        case 'opaque':
            return BAD.opaque
        default:
            return [...BAD[kind], [null, 'wrong-type']]
    }
}
