import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { InspectServer } from '../../src/inspect/inspect-server.js'
import { readPage } from '../../src/inspect/page-files.js'
import { isPublish, numberOf } from '../variant/histories.js'
import { type Browser, NO_BROWSER, openPage, startBrowser } from './browser.js'
import { inspectorOf, leaderKilled } from './republics.js'

const PACKAGE = fileURLToPath(new URL('../../../', import.meta.url))

/** The longest run of a child, in milliseconds. */
const CHILD_MS = 60_000

describe('what if, in a browser', { timeout: 120_000 }, () => {
    const testimonies = leaderKilled()
    const point = numberOf(testimonies, 'a', isPublish)
    const folder = mkdtempSync(join(tmpdir(), 'kibitz-what-if-'))
    let server: InspectServer
    let browser: Browser | null = null
    let link = ''
    before(async () => {
        mkdirSync(join(folder, 'node_modules'))
        symlinkSync(PACKAGE, join(folder, 'node_modules', 'kibitz'), 'junction')
        server = new InspectServer(await inspectorOf(testimonies), readPage())
        link = await server.listen(0)
        browser = await startBrowser()
    })
    after(async () => {
        await browser?.close()
        await server.close()
        rmSync(folder, { recursive: true })
    })

    test('crashes the leader, shows both histories, and saves a test', async (context) => {
        if (browser === null) {
            context.diagnostic(NO_BROWSER)
            return
        }
        const { page, problems } = await openPage(browser, link)
        await page.getByLabel('find').fill(`a ${point}`)
        await page.keyboard.press('Enter')
        await page.locator(`[data-step="a ${point}"]`).waitFor()
        await page.getByRole('button', { name: 'what if', exact: true }).click()
        await page.getByLabel('change').selectOption('crash')
        await page.getByLabel('for', { exact: true }).fill('60000')
        await page.getByLabel('continue').fill('3000')
        await page.getByRole('button', { name: 'try', exact: true }).click()
        await page.getByText(/First different input/).waitFor()
        const gaps = page.locator('[data-column="with the change"] .gaps')
        assert.match(await gaps.textContent() ?? '', /: a before, [bc] after$/)
        assert.equal(await page.locator('.outcomes tr').count(), 3)
        assert.ok(await page.locator('.outcomes .gap rect').count() >= 3)

        await page.getByRole('button', { name: 'show in the chart' }).click()
        await page.getByText('The chart shows the variant').waitFor()
        await page.keyboard.press('g')
        await page.locator('.view[data-view=why] tr').last().getByText(/^[bc] leads$/).waitFor()
        await page.getByRole('tab', { name: 'What if' }).click()
        await page.getByRole('button', { name: 'back to the recording' }).click()
        await page.getByText('Go to an input first').waitFor()

        const downloading = page.waitForEvent('download')
        await page.getByRole('button', { name: 'save as a test' }).click()
        const download = await downloading
        assert.equal(download.suggestedFilename(), `crash-a-${point}.test.mjs`)
        const file = join(folder, 'saved.test.mjs')
        copyFileSync(await download.path(), file)
        const { NODE_TEST_CONTEXT: _, ...env } = process.env
        const { status, stdout } = spawnSync(process.execPath, ['--test', file], {
            cwd: folder, encoding: 'utf8', timeout: CHILD_MS, killSignal: 'SIGKILL', env
        })
        assert.equal(status, 0, stdout)
        assert.deepEqual(problems, [])
    })
})
