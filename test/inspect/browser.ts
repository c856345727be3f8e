import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The part of playwright's `Locator` that the tests use. */
export interface Locator {
    click(): Promise<void>
    count(): Promise<number>
    dispatchEvent(name: string): Promise<void>
    fill(text: string): Promise<void>
    first(): Locator
    getAttribute(name: string): Promise<string | null>
    getByText(text: RegExp | string): Locator
    last(): Locator
    locator(selector: string): Locator
    selectOption(value: string): Promise<unknown>
    textContent(): Promise<string | null>
    uncheck(): Promise<void>
    waitFor(options?: { readonly state: 'detached' }): Promise<void>
}

/** The part of playwright's `Download` that the tests use. */
interface Download {
    path(): Promise<string>
    suggestedFilename(): string
}

/** The part of playwright's `Page` that the tests use. */
export interface Page {
    readonly keyboard: { press(key: string): Promise<void> }
    close(): Promise<void>
    emulateMedia(options: {
        readonly media: 'print'
        readonly colorScheme: 'dark'
    }): Promise<void>
    /** The value of an expression in the page. */
    evaluate(expression: string): Promise<unknown>
    getByLabel(name: string, options?: { readonly exact: boolean }): Locator
    getByRole(role: string, options: {
        readonly name: RegExp | string
        readonly exact?: boolean
    }): Locator
    getByText(text: RegExp | string): Locator
    goto(link: string): Promise<unknown>
    locator(selector: string): Locator
    on(event: 'pageerror', listener: (error: Error) => void): void
    on(event: 'console', listener: (message: { text(): string, type(): string }) => void): void
    on(event: 'dialog', listener: (dialog: { message(): string }) => void): void
    on(event: 'request', listener: (request: { url(): string }) => void): void
    waitForEvent(event: 'download'): Promise<Download>
    waitForSelector(selector: string): Promise<unknown>
}

/** The part of playwright's `Browser` that the tests use. */
export interface Browser {
    close(): Promise<void>
    newPage(options: {
        readonly viewport: { readonly width: number, readonly height: number }
    }): Promise<Page>
}

interface Playwright {
    readonly chromium: { launch(options: object): Promise<Browser> }
}

/** A name in a variable: the declarations of the package need the types of a browser. */
const PLAYWRIGHT: string = 'playwright-core'

/** The names under which systems install Chromium. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** The longest wait for the start of a browser, in milliseconds. */
const PATIENCE_MS = 60_000

/** The program of a browser: `KIBITZ_CHROMIUM`, or an installed one; `null` if there is none. */
function programOf(): string | null {
    const { KIBITZ_CHROMIUM: named, PATH = '' } = process.env
    const places = PATH.split(delimiter)
        .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    return named ?? places.find((place) => existsSync(place)) ?? null
}

/** Starts a browser; `null` without an installed browser. The browser ends with this process. */
export async function startBrowser(): Promise<Browser | null> {
    const executablePath = programOf()
    if (executablePath === null) {
        return null
    }
    const { chromium } = await import(PLAYWRIGHT) as Playwright
    return await chromium.launch({
        executablePath, timeout: PATIENCE_MS,
        // Chromium has no sandbox for root, and the machine of a test may have little /dev/shm.
        args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu']
    })
}

/** Why a test has tried nothing. */
export const NO_BROWSER = 'No Chromium is installed, so this test has tried nothing. Install '
    + 'chromium, or name a browser in KIBITZ_CHROMIUM.'

/** A page, and everything that went wrong in the page. */
interface Opened {
    readonly page: Page
    readonly problems: readonly string[]
    /** The addresses of all requests. */
    readonly requests: readonly string[]
}

/** Opens a page of the inspector, and waits for its chart. */
export async function openPage(browser: Browser, link: string): Promise<Opened> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    const problems: string[] = []
    const requests: string[] = []
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (message) => {
        if (message.type() === 'error') {
            problems.push(message.text())
        }
    })
    page.on('dialog', (dialog) => problems.push(`a dialog: ${dialog.message()}`))
    page.on('request', (request) => requests.push(request.url()))
    await page.goto(link)
    await page.waitForSelector('.chart svg')
    return { page, problems, requests }
}
