import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { InspectServer } from '../../src/inspect/inspect-server.js'
import { Inspector } from '../../src/inspect/inspector.js'
import { readPage } from '../../src/inspect/page-files.js'
import { RecordedRepublic } from '../../src/inspect/recorded-republic.js'
import { Replayer } from '../../src/replay/replayer.js'
import { type Outcome, runKibitz } from '../command/journal/run-journal.js'
import { rejects } from '../replay/testimonies.js'
import { withoutCoverage } from '../support/environment.js'
import { end, foundRecorded } from '../support/recorded-pair.js'
import { NO_BROWSER, openPage, startBrowser } from './browser.js'
import '../support/silence.js'

/** Changes a byte in the middle of the journal. */
function damage(folder: string): void {
    const [name = ''] = readdirSync(folder).filter((each) => each.endsWith('.journal')).sort()
    const bytes = readFileSync(join(folder, name))
    const middle = Math.floor(bytes.length / 2)
    bytes[middle] = (bytes[middle] ?? 0) ^ 0xff
    writeFileSync(join(folder, name), bytes)
}

/** Runs `kibitz`; resolves with the exit code and both outputs. */
async function kibitz(...args: readonly string[]): Promise<Outcome> {
    return await runKibitz(args, { env: withoutCoverage() })
}

/** The message of a command about the damage. */
const DAMAGE = /^kibitz: The recording of a ends with record \d+\. .*no torn write/

describe('a damaged recording', { timeout: 120_000 }, () => {
    const base = mkdtempSync(join(tmpdir(), 'damaged-'))
    const journals = join(base, 'journals')
    const whole = join(journals, 'a')
    const damaged = join(base, 'damaged', 'a')
    before(async () => {
        const [a, b] = await foundRecorded('orders', journals)
        b.naturalize()
        for (let value = 0; value < 40; value++) {
            await a.publish({ value })
        }
        await Promise.all([a, b].map(end))
        cpSync(whole, damaged, { recursive: true })
        damage(damaged)
    })
    after(() => rmSync(base, { recursive: true }))

    test('is replayed up to the damage on request, and refused otherwise', async () => {
        const { last } = await Replayer.from({ journal: whole })
        await rejects(Replayer.from({ journal: damaged }), 'journal-damaged', /Nothing was changed/)
        const replayer = await Replayer.from({ journal: damaged }, { untilDamage: true })
        assert.ok(replayer.last > 3 && replayer.last < last)
        assert.equal(replayer.damage?.code, 'journal-damaged')
        let number = 0
        for await (const step of replayer.steps()) {
            number = step.number
        }
        assert.equal(number, replayer.last)
        assert.equal((await replayer.seek(number))?.number, number)
    })

    test('ends before an input that cannot be used', async () => {
        const inputs: string[] = []
        for await (const { played } of (await Replayer.from({ journal: whole })).steps()) {
            inputs.push(JSON.stringify(played))
        }
        const recording = inputs.with(20, '{"module":"kibitz","method":"sent","when":7}')
        const replayer = await Replayer.from({ recording }, { untilDamage: true })
        const republic = await RecordedRepublic.join([replayer], false)
        const { overview } = new Inspector(republic)
        assert.equal(replayer.last, 20)
        assert.equal(overview.lanes[0]?.last, 20)
        assert.match(overview.lanes[0].damage, /^Input 21 of the recording is not usable/)
        const strict = await Replayer.from({ recording })
        await rejects(RecordedRepublic.join([strict], false), 'journal-damaged', /Input 21/)
    })

    test('is printed up to the damage', async () => {
        const all = await kibitz('journal', 'log', whole)
        const { code, out, said } = await kibitz('journal', 'log', damaged)
        assert.equal(code, 1)
        assert.match(said, /^kibitz: .*is no torn write/)
        assert.ok(out.length > 0 && out.length < all.out.length && all.out.startsWith(out))
    })

    test('has metrics up to the damage', async () => {
        const all = await kibitz('journal', 'metrics', '--step', '1ms', '--csv', whole)
        const part = await kibitz('journal', 'metrics', '--step', '1ms', '--csv', damaged)
        assert.equal(part.code, 1)
        assert.match(part.said, DAMAGE)
        const lines = part.out.split('\n')
        // The last sample ends with the last input, not with its interval.
        const last = lines.at(-2)?.split(',')[1] ?? ''
        const before = lines.filter((line) => line.split(',')[1] !== last)
        assert.ok(before.length > 100)
        assert.ok(all.out.startsWith(before.join('\n').trimEnd()))
    })

    test('is compared up to the damage', async () => {
        const { code, out, said } = await kibitz('journal', 'diff', damaged, join(journals, 'b'))
        assert.equal(code, 1)
        assert.match(out, /^The logs agree in [1-9]\d* entries\. .*continues\. .*is damaged/)
        assert.match(said, DAMAGE)
    })

    test('explains an entry before the damage, and says why a later one is absent', async () => {
        const { out: log } = await kibitz('journal', 'log', damaged)
        const { promise } = JSON.parse(log.trimEnd().split('\n').at(-1) ?? '') as
            { readonly promise: string }
        const { code, out, said } = await kibitz('journal', 'why', damaged, promise)
        assert.equal(code, 1)
        assert.match(out, new RegExp(`^${promise} follows .*in the log +a `, 's'))
        assert.match(said, DAMAGE)
        const { out: all } = await kibitz('journal', 'log', whole)
        const { promise: later } = JSON.parse(all.trimEnd().split('\n').at(-1) ?? '') as
            { readonly promise: string }
        const absent = await kibitz('journal', 'why', damaged, later)
        assert.equal(absent.code, 1)
        assert.match(absent.said, /No recorded member adds the entry .* The recording of a ends /)
    })

    test('is reported, with the members that have no recording', async () => {
        const file = join(base, 'report.html')
        const { code, said } = await kibitz('inspect', damaged, '--out', file)
        assert.equal(code, 0)
        assert.match(said, /^kibitz: The recording of a ends early\. .*no torn write/m)
        assert.match(said, /^kibitz: There is no recording of b: name the folders/m)
        const { said: nothing } = await kibitz('inspect', journals, '--out', file)
        assert.equal(nothing, '')
    })

    test('is marked in the page', async (context) => {
        const inspector = new Inspector(await RecordedRepublic.open([damaged], false))
        const server = new InspectServer(inspector, readPage())
        const browser = await startBrowser()
        if (browser === null) {
            context.diagnostic(NO_BROWSER)
            return
        }
        try {
            const { page } = await openPage(browser, await server.listen(0))
            await page.getByText(/The recording of a is damaged: the page shows it/).waitFor()
            await page.getByText(/There is no recording of b\./).waitFor()
            assert.equal(await page.locator('text.damage').count(), 1)
        } finally {
            await browser.close()
            await server.close()
        }
    })
})
