import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SilenceReports } from '../../../src/paxos/replication/silence-reports.js'

describe('reports of silence', () => {
    test('count for a while', () => {
        const reports = new SilenceReports()
        reports.add(['2/0'], 100)
        reports.add(['3/0', '4/0'], 150)
        assert.deepEqual(reports.recent(200, 100), ['3/0', '4/0'])
        reports.add(['2/0'], 250)
        assert.deepEqual(reports.recent(260, 100), ['2/0'])
    })

    test('are forgotten with the member that they are about', () => {
        const reports = new SilenceReports()
        reports.add(['2/0', '3/0'], 100)
        reports.retain((promise) => promise !== '2/0')
        assert.deepEqual(reports.recent(100, 100), ['3/0'])
    })
})
