import fc from 'fast-check'

const SEED = 20_261_129

function nested(depth: number, open: string, close: string): unknown {
    return JSON.parse(`${open.repeat(depth)}0${close.repeat(depth)}`)
}

/** Values at which parsers, filters and proxies have taken offence. */
const NOTORIOUS: readonly unknown[] = [
    '{"__proto__":1}', '{"__proto__":{"x":1}}', '{"a":{"__proto__":null}}',
    '{"constructor":{"prototype":{"x":1}}}', '{"name":"x","constructor":{"prototype":1}}',
    '{"":0}', '{"then":1}', '{"toJSON":1}', '{"kibitz":"AAAA"}', '{"kibitz":"AAAA","part":"x"}',
    '{"$where":"1"}', '0', '-1e308', '1e-320', '0.1', '9007199254740993', 'false', 'true', '""',
    '"<script>alert(1)</script>"', `"' OR 1=1 --"`, '"../../etc/passwd"',
    '"$\\u007bjndi:ldap://x}"',
    '"UNION SELECT * FROM users"', '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"\\ufeff"',
    '"\\u2028\\u2029"', '"</pre>&amp;%00%0d%0a"', '[]', '[[]]', '{}', '[null]'
].map((text): unknown => JSON.parse(text))

/**
 * Values that are large for a route: in characters, in escapes, in bytes, in depth and in number of
 * parts. As JSON in UTF-8, none of these exceeds `publishSize`, 256 KiB.
 */
export const LARGE: readonly unknown[] = [
    'x'.repeat(250_000), '\u0001'.repeat(43_000), '\u20ac'.repeat(87_000),
    '\ud800'.repeat(43_000), nested(250, '[', ']'), nested(250, '{"a":', '}'),
    Array.from({ length: 20_000 }, (_, index) => index % 10)
]

/** Keys that parsers treat apart, in any value. */
const key = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'kibitz', 'part', '$ne')
)

const value = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((n) => String.fromCharCode(n)) }),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
        fc.maxSafeInteger(),
        fc.boolean(),
        fc.array(fc.oneof(tie('value'), fc.constant(null)), { maxLength: 5 }),
        fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((pairs): unknown =>
            JSON.parse(`{${pairs.map(([name, item]) =>
                `${JSON.stringify(name)}:${JSON.stringify(item)}`).join(',')}}`))
    )
})).value

/** So many values that fast-check draws, and all that are notorious. */
export function values(count: number): readonly unknown[] {
    return [...NOTORIOUS, ...fc.sample(value, { numRuns: count, seed: SEED })]
}
