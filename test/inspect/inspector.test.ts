import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type {
    AskAnswer, CallBodyAnswer, CompareAnswer, InputsAnswer, StepAnswer, WhyAnswer, WindowAnswer
} from '../../src/inspect/answers.js'
import { type Inspector, refusalOf } from '../../src/inspect/inspector.js'
import { inspectorOf, leaderKilled } from './republics.js'

/** The timeout of the members, in milliseconds. */
const TIMEOUT_MS = 1000

describe('an inspector of a republic whose leader was killed', () => {
    const testimonies = leaderKilled()
    let inspector: Inspector
    before(async () => {
        inspector = await inspectorOf(testimonies)
    })

    async function ask<Answer>(question: string): Promise<Answer> {
        return await inspector.answer(question) as Answer
    }

    test('shows lanes, governments and the one gap', () => {
        const { lanes, governments, gaps, republic } = inspector.overview
        assert.equal(republic, 'republic')
        assert.deepEqual(lanes.map(({ member }) => member), ['a', 'b', 'c', 'd'])
        assert.equal(lanes[0]?.unsettled, 1)
        assert.equal(governments[0]?.change, 'a founded the republic')
        assert.ok(governments.some(({ change }) => / leads after a collapse/.test(change)))
        assert.ok(governments.every(({ at }, index) => at >= (governments[index - 1]?.at ?? 0)))
        assert.equal(gaps.length, 1)
        const [gap] = gaps
        assert.equal(gap?.before, 'a')
        assert.ok(gap.after === 'b' || gap.after === 'c')
        const length = gap.to - gap.from
        assert.ok(length > 0.9 * TIMEOUT_MS && length < 3 * TIMEOUT_MS, String(length))
    })

    test('explains the gap: the end of the leader, the silence, and the election', async () => {
        const { title, summary, lines } = await ask<WhyAnswer>('gap?index=0')
        const [gap] = inspector.overview.gaps
        assert.equal(title, `No leader for ${Math.round((gap?.to ?? 0) - (gap?.from ?? 0))} ms`)
        assert.match(summary, /became the first candidate \d+ ms into the gap, 1\d\d\d ms after /)
        const texts = lines.map(({ text }) => text)
        assert.match(texts[0] ?? '', /^a majority obeyed a for the last time/)
        assert.ok(texts.includes('the recording of a ends: the process has stopped, or is cut off'))
        assert.ok(texts.some((text) => /would you elect me\? \(canvass\): granted/.test(text)))
        assert.ok(texts.some((text) => /for a promise \(prepare\): promised/.test(text)))
        assert.equal(texts.at(-1), `${gap?.after} leads`)
        const instants = lines.map(({ at }) => at ?? 0)
        assert.deepEqual(instants, instants.toSorted((one, other) => one - other))
    })

    test('tells the fate of the last value of the dead leader', async () => {
        const { summary, lines } = await ask<WhyAnswer>('open?member=a')
        assert.match(summary, /no outcome of 1 publish: 0 in the log .*, 1 in no recorded log\.$/)
        assert.match(lines[0]?.text ?? '', /"value":"last".* in no recorded log/)
        const settled = await ask<WhyAnswer>('open?member=a&ticket=1')
        assert.match(settled.summary, /^The publish was in the log as [0-9a-f]+\/[0-9a-f]+\.$/)
    })

    test('steps in both directions, with changes, causes and effects', async () => {
        const first = await ask<StepAnswer>('step?member=b&number=20')
        const next = await ask<StepAnswer>('step?member=b&number=21')
        const again = await ask<StepAnswer>('step?member=b&number=20')
        assert.deepEqual(again, first)
        assert.notDeepEqual(next, first)
        assert.ok(first.changes.length > 0)
        assert.equal(first.state.name, 'state')
        assert.ok(first.raw.includes(`"method":"${first.method}"`))
        const refused = await inspector.answer('step?member=b&number=999999').catch(refusalOf)
        assert.match(String(Reflect.get(refused, 'error')), /^b has the inputs 1 to \d+\.$/)
    })

    test('explains an entry and a government', async () => {
        const { governments } = inspector.overview
        const collapse = governments.find(({ change }) => /collapse/.test(change))
        const why = await ask<WhyAnswer>(`entry?promise=${collapse?.promise}`)
        assert.ok(why.lines.some(({ text }) => /becomes candidate/.test(text)))
        assert.ok(why.lines.some(({ text }) => /committed by the answer of/.test(text)))
        const before = governments.findLast(({ at }) => at < (collapse?.at ?? 0))
        const number = before?.promise.split('/')[0]
        const entry = await ask<WhyAnswer>(`entry?promise=${number}%2F3`)
        assert.match(entry.summary, /It is in the log of a, b, c\.$/)
        assert.match(entry.lines[0]?.text ?? '', /sent its batch to the leader/)
        const refused = await inspector.answer('entry?promise=ff/ff').catch(refusalOf)
        assert.match(String(Reflect.get(refused, 'error')), /No recorded member adds/)
    })

    test('finds calls by time, method, member and entry; a lost call has a body', async () => {
        const { from, to } = inspector.overview
        const whole = await ask<WindowAnswer>(`window?from=${from}&to=${to + 1}`)
        assert.equal(whole.callsTotal, whole.calls.length)
        assert.ok(whole.calls.some(({ fate }) => fate === 'received'))
        const some = await ask<WindowAnswer>(
            `window?from=${from}&to=${to + 1}&methods=canvass,prepare&members=b`
        )
        assert.ok(some.callsTotal > 0 && some.callsTotal < whole.callsTotal)
        const lost = whole.calls.find(({ fate, method }) =>
            fate === 'lost' && method === 'register')
        const call = await ask<CallBodyAnswer>(`call?id=${lost?.id}`)
        assert.equal(call.call.fate, 'lost')
        assert.equal(call.body.name, 'register')
        assert.ok(call.raw.includes('"method":"register"'))
        const [register] = whole.calls.filter(({ entries }) => entries !== null)
        const promise = register?.entries?.first ?? ''
        const carrying = await ask<WindowAnswer>(
            `window?from=${from}&to=${to + 1}&entry=${encodeURIComponent(promise)}`
        )
        assert.ok(carrying.calls.every(({ entries }) => entries !== null))
        const none = await ask<WindowAnswer>(`window?from=0&to=1`)
        assert.deepEqual([none.callsTotal, none.marksTotal], [0, 0])
    })

    test('lists inputs, finds the input of an entry, and compares two members', async () => {
        const list = await ask<InputsAnswer>('inputs?member=b&from=5')
        assert.equal(list.inputs[0]?.number, 5)
        const place = await ask<{ number: number }>('place?member=b&promise=2/0')
        const { entries } = await ask<StepAnswer>(`step?member=b&number=${place.number}`)
        assert.ok(entries.some(({ promise }) => promise === '2/0'))
        const same = await ask<CompareAnswer>('compare?member=b&number=9&other=b&otherNumber=9')
        assert.equal(same.differences, 0)
        const { lanes: [, b, c] } = inspector.overview
        const other = await ask<CompareAnswer>(
            `compare?member=b&number=${b?.last}&other=c&otherNumber=${c?.last}`
        )
        assert.ok(other.differences > 0)
    })

    test('evaluates an expression at every input, and finds the first true one', async () => {
        const leader = inspector.overview.gaps[0]?.after
        const question = encodeURIComponent('role == "leader" && length(entries) > 0')
        const answer = await ask<AskAnswer>(`ask?member=${leader}&from=1&expression=${question}`)
        assert.equal(answer.next, null)
        const { number } = answer.firstTrue ?? { number: 0 }
        const { role } = await ask<StepAnswer>(`step?member=${leader}&number=${number}`)
        const before = await ask<StepAnswer>(`step?member=${leader}&number=${number - 1}`)
        assert.equal(role, 'leader')
        assert.notEqual(before.role, 'leader')
        const wrong = await inspector.answer('ask?member=b&from=1&expression=constructor')
            .catch(refusalOf)
        assert.match(String(Reflect.get(wrong, 'error')), /There is no name constructor/)
    })

    test('refuses unknown questions and members', async () => {
        for (const question of ['nothing', 'step?member=x&number=1', 'step?member=a', 'gap?index=9',
            'window?from=x&to=1', 'call?id=-1', 'open?member=a&ticket=99999']) {
            const refused = await inspector.answer(question).catch(refusalOf)
            assert.ok('error' in refused, question)
        }
    })
})
