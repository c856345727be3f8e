import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { InspectServer } from '../../src/inspect/inspect-server.js'
import type { Inspector } from '../../src/inspect/inspector.js'
import { readPage } from '../../src/inspect/page-files.js'
import { reportOf } from '../../src/inspect/report-file.js'
import { type Browser, NO_BROWSER, openPage, type Page, startBrowser } from './browser.js'
import { inspectorOf, leaderKilled } from './republics.js'

/** The selected step, such as `b 17`, after the page shows another step than before. */
async function stepAfter(page: Page, before: string | null): Promise<string> {
    const shown = page.locator(before === null
        ? '[data-step]'
        : `[data-step]:not([data-step="${before}"])`)
    return await shown.getAttribute('data-step') ?? ''
}

describe('the page of the inspector, in a browser', { timeout: 120_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'kibitz-page-'))
    let inspector: Inspector
    let server: InspectServer
    let browser: Browser | null = null
    let link = ''
    before(async () => {
        inspector = await inspectorOf(leaderKilled())
        server = new InspectServer(inspector, readPage())
        link = await server.listen(0)
        browser = await startBrowser()
    })
    after(async () => {
        await browser?.close()
        await server.close()
        rmSync(folder, { recursive: true })
    })

    test('opens, steps, explains, asks and compares, and loads nothing else', async (context) => {
        if (browser === null) {
            context.diagnostic(NO_BROWSER)
            return
        }
        const { page, problems, requests } = await openPage(browser, link)
        assert.equal(await page.locator('.gap').count(), 1)
        assert.equal(await page.locator('.government').count(),
            inspector.overview.governments.length)
        await page.keyboard.press('g')
        await page.locator('.view[data-view=why] tr').last().getByText(/^[bc] leads$/).waitFor()
        await page.locator('.why td .link').first().click()
        const first = await stepAfter(page, null)
        await page.keyboard.press('ArrowLeft')
        const earlier = await stepAfter(page, first)
        assert.notEqual(earlier, first)
        await page.keyboard.press('ArrowRight')
        assert.equal(await stepAfter(page, earlier), first)
        await page.locator('.state, .tree .change-changed').first().waitFor()

        await page.getByRole('button', { name: 'compare from here' }).click()
        await page.keyboard.press('ArrowDown')
        const other = await stepAfter(page, first)
        assert.notEqual(other.split(' ')[0], first.split(' ')[0])
        await page.getByRole('tab', { name: 'Compare' }).click()
        await page.getByRole('button', { name: 'compare', exact: true }).click()
        await page.getByText(/[1-9]\d* differences/).waitFor()

        await page.getByRole('tab', { name: 'Ask the past' }).click()
        await page.getByLabel('expression').fill('role == "leader"')
        await page.keyboard.press('Enter')
        await page.getByText(/First true|never true/).waitFor()
        await page.locator('.asked rect').waitFor()

        await page.getByLabel('find').fill('2/0')
        await page.keyboard.press('Enter')
        await page.getByRole('heading', { name: 'Government 2/0' }).waitFor()
        await page.locator('.name').first().click()
        await page.getByText(/in no recorded log/).first().waitFor()
        assert.deepEqual(problems, [])
        assert.ok(requests.every((url) => url.startsWith(link)), requests.join())
    })

    test('shows the body of a call, and hides calls by method', async (context) => {
        if (browser === null) {
            context.diagnostic(NO_BROWSER)
            return
        }
        const { page, problems } = await openPage(browser, link)
        const lost = page.locator('.call.fate-lost.method-register')
        await lost.first().locator('.grip').dispatchEvent('click')
        await page.getByRole('heading', { name: /^register from a .* lost$/ }).waitFor()
        await page.getByRole('button', { name: 'raw' }).click()
        await page.locator('pre').getByText('onerror').waitFor()
        assert.equal(await page.locator('img').count(), 0)
        await page.getByLabel('register').uncheck()
        await lost.first().waitFor({ state: 'detached' })
        assert.deepEqual(problems, [])
    })

    test('prints dark text on white, without the controls', async (context) => {
        if (browser === null) {
            context.diagnostic(NO_BROWSER)
            return
        }
        const { page } = await openPage(browser, link)
        await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
        const style = 'getComputedStyle(document.body)'
        assert.equal(await page.evaluate(`${style}.backgroundColor`), 'rgb(255, 255, 255)')
        assert.equal(await page.evaluate(`${style}.color`), 'rgb(27, 31, 36)')
        const controls = 'document.querySelectorAll(".toolbar button, .tabs button, .inputs")'
        assert.equal(await page.evaluate(
            `[...${controls}].filter((each) => each.checkVisibility()).length`), 0)
    })

    test('opens a report from a file without a server', async (context) => {
        if (browser === null) {
            context.diagnostic(NO_BROWSER)
            return
        }
        const file = join(folder, 'report.html')
        writeFileSync(file, await reportOf(inspector, readPage()))
        const { page, problems, requests } = await openPage(browser, pathToFileURL(file).href)
        await page.keyboard.press('g')
        await page.locator('.why td .link').last().click()
        const shown = await stepAfter(page, null)
        await page.keyboard.press('ArrowRight')
        assert.notEqual(await stepAfter(page, shown), shown)
        assert.deepEqual(problems, [])
        assert.ok(requests.every((url) => /^(file|data):/.test(url)), requests.join())
    })
})
