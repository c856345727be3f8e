import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { OverviewAnswer, StepAnswer } from '../../src/inspect/answers.js'
import { type Inspector, refusalOf } from '../../src/inspect/inspector.js'
import type { WhatIfAnswer, WhatIfTestAnswer } from '../../src/inspect/what-if-answers.js'
import { isPublish, numberOf } from '../variant/histories.js'
import { inspectorOf, leaderKilled, SECRET } from './republics.js'

describe('what if, in the inspector', () => {
    const testimonies = leaderKilled()
    const point = numberOf(testimonies, 'a', ({ method, body }) =>
        method === 'publish' && JSON.stringify(body).includes('"last"'))
    let inspector: Inspector
    before(async () => {
        inspector = await inspectorOf(testimonies)
    })

    async function ask<Answer>(question: string): Promise<Answer> {
        return await inspector.answer(question) as Answer
    }

    const crash = `what-if?member=a&number=${point}&kind=crash&target=b&ms=60000&durationMs=3000`

    test('shows the change beside the recording', async () => {
        const { columns, difference, what, publishes, missing } = await ask<WhatIfAnswer>(crash)
        assert.equal(what, `before input ${point} of "a", "b" crashes and is away for 60000 ms`)
        const [recorded, continued, changed] = columns
        assert.deepEqual(columns.map(({ name }) => name),
            ['as recorded', 'continued', 'with the change'])
        assert.deepEqual(missing, [])
        assert.equal(recorded?.gaps.length, 1)
        assert.equal(continued?.gaps[0]?.after, recorded.gaps[0]?.after)
        // The recording loses a; the change also loses b: one member of three is no majority.
        assert.equal(changed?.gaps.length, 1)
        assert.equal(changed.gaps[0]?.after, null)
        assert.ok(changed.inLog < (continued?.inLog ?? 0))
        assert.ok(difference !== null && difference.at >= 0)
        assert.notEqual(difference.changed, difference.unchanged)
        const lost = publishes.find(({ member, fates }) =>
            member === 'b' && fates[2] === 'not published')
        assert.match(lost?.fates[1] ?? '', /^[0-9a-f]+\/[0-9a-f]+ after \d+ ms$/)
    })

    test('answers every question about the continued members', async () => {
        const { id, at } = await ask<WhatIfAnswer>(crash)
        const overview = await ask<OverviewAnswer>(`overview?variant=${id}`)
        assert.ok(overview.lanes.some(({ member }) => member === 'c'))
        assert.ok(overview.from >= at - 50, `${overview.from} is before ${at}`)
        const step = await ask<StepAnswer>(`step?member=c&number=1&variant=${id}`)
        assert.equal(step.number, 1)
        const gone = await inspector.answer(`overview?variant=${id + 7}`).catch(refusalOf)
        assert.match(String(Reflect.get(gone, 'error')), /This variant is gone/)
    })

    test('refuses unknown changes, members and durations', async () => {
        for (const [parts, says] of [
            ['kind=explode', /A change is drop/], ['kind=crash&target=x', /no recording of this/],
            ['kind=delay&ms=-1', /lasts 1 to/], ['kind=drop&durationMs=1e12', /durationMs must be/],
            ['kind=cut&target=a&other=a', /two different/], ['kind=cut', /lacks target/]
        ] as const) {
            const question = `what-if?member=a&number=${point}&${parts}`
            const refused = await inspector.answer(question).catch(refusalOf)
            assert.match(String(Reflect.get(refused, 'error')), says)
        }
    })

    test('saves a test; redacted recordings show no value and save nothing', async () => {
        const { id, isSavable } = await ask<WhatIfAnswer>(crash)
        assert.equal(isSavable, true)
        const { name, text } = await ask<WhatIfTestAnswer>(`what-if-test?variant=${id}`)
        assert.equal(name, `crash-a-${point}.test.mjs`)
        assert.match(text, /import \{ runVariant \} from 'kibitz\/replay'/)
        const redacted = await inspectorOf(testimonies, true)
        const answer = await redacted.answer(crash)
        assert.equal(Reflect.get(answer, 'isSavable'), false)
        assert.ok(!JSON.stringify(answer).includes(SECRET.slice(-6)))
        const refused = await redacted.answer('what-if-test?variant=1').catch(refusalOf)
        assert.match(String(Reflect.get(refused, 'error')), /hold the published values/)
    })
})

test('the continued inputs of a publish keep their point', async () => {
    const testimonies = leaderKilled()
    const inspector = await inspectorOf(testimonies)
    const number = numberOf(testimonies, 'a', isPublish)
    const drop = await inspector.answer(`what-if?member=a&number=${number}&kind=drop`)
    const { difference, durationMs } = drop as WhatIfAnswer
    assert.equal(durationMs, 10_000)
    assert.equal(difference?.unchanged, 'publish')
})
