import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as check from 'fast-check'
import { recordLine } from '../../src/command/journal/print.js'
import { printable } from '../../src/base/printable.js'

/** Every character that a terminal must not receive from a client. */
const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u

test('escapes every control, format, separator and surrogate character', () => {
    for (let code = 0; code <= 0xffff; code++) {
        const character = String.fromCharCode(code)
        const shown = printable(character)
        if (FORBIDDEN.test(character) && character !== '\n') {
            assert.equal(shown, `\\u${code.toString(16).padStart(4, '0')}`)
        } else {
            assert.equal(shown, character)
        }
    }
    assert.equal(printable('\u{e0041}'), '\\udb40\\udc41')
    assert.equal(printable('日本語 😀 é'), '日本語 😀 é')
})

test('keeps the meaning of a record in JSON', () => {
    check.assert(check.property(check.string({ unit: 'binary' }), (text) => {
        const shown = recordLine(7, Buffer.from(JSON.stringify({ text })))
        assert.ok(!FORBIDDEN.test(shown), shown)
        const { text: again } = JSON.parse(shown)
        assert.equal(again, Buffer.from(text).toString())
    }))
    const hostile = '\u009b31mRED\u001b]0;title\u0007\u202egnp.exe\u2028'
    const shown = recordLine(1, Buffer.from(JSON.stringify({ hostile })))
    assert.equal(JSON.parse(shown).hostile, hostile)
})
