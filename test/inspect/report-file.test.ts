import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { reportOf } from '../../src/inspect/report-file.js'
import { inspectorOf, leaderKilled, SECRET } from './republics.js'

const PAGE = { script: 'let a = "</script>"', style: 'b {}' }

function answersIn(report: string): string {
    const [, packed = ''] = /id="answers">([A-Za-z0-9+/=]*)<\/script>/.exec(report) ?? []
    return gunzipSync(Buffer.from(packed, 'base64')).toString()
}

describe('a report in one file', () => {
    const testimonies = leaderKilled()

    test('holds the answers, and no text of a recording as HTML', async () => {
        const report = await reportOf(await inspectorOf(testimonies), PAGE)
        assert.equal(report.split('</script>').length, 3)
        assert.ok(!report.includes('<img'))
        const answers = JSON.parse(answersIn(report)) as Record<string, object>
        assert.ok('overview' in answers && 'gap?index=0' in answers)
        assert.ok(JSON.stringify(answers).includes(JSON.stringify(SECRET).slice(1, -1)
            .replaceAll('"', '\\"')))
        assert.match(report, /script-src 'sha256-[A-Za-z0-9+/=]+'/)
        assert.ok(!/(?:src|href)="(?!data:)/.test(report))
    })

    test('holds no published value if values are redacted', async () => {
        const answers = answersIn(await reportOf(await inspectorOf(testimonies, true), PAGE))
        assert.ok(answers.includes('redacted'))
        assert.ok(!answers.includes('secret') && !answers.includes('onerror'))
    })

    test('answers no question with a published value if values are redacted', async () => {
        const inspector = await inspectorOf(testimonies, true)
        for (const { member, first, last } of inspector.overview.lanes) {
            for (const expression of ['input', 'entries', 'calls', 'outcome', 'state',
                'state.islander.pending[0]', 'state.islander.seeking[0].body',
                'state.paxos.log.entries[3].body.body', 'input.body', 'input.body.entries',
                'input.body.secret', 'entries[0].body.body',
                'calls[0].envelopes[0].request.entries',
                'input.body.entries[0].body.body.secret', 'input.body.entries[0].body.secret']) {
                const question = `ask?member=${member}&from=${first}&expression=${
                    encodeURIComponent(expression)}`
                const answer = JSON.stringify(await inspector.answer(question))
                assert.ok(!answer.includes('onerror'), `${expression} of ${member}`)
            }
            for (let number = first; number <= last; number += 7) {
                const step = await inspector.answer(`step?member=${member}&number=${number}`)
                assert.ok(!JSON.stringify(step).includes('onerror'), `${member} ${number}`)
            }
        }
    })
})
