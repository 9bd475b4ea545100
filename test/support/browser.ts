import { accessSync, constants, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { expect } from 'vitest'
import { eventually } from './eventually.ts'

const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome']
/** As root there is no sandbox, and a container has no GPU; nothing it does by itself may reach for the network. */
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--no-proxy-server',
] // prettier-ignore
/** Of a page, in CSS pixels. */
export const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } }
const PROFILE = '--user-data-dir='
/** A page of ours is there in milliseconds: what takes longer is at fault, and is better told before the test's own limit. */
const PATIENCE_MS = 10_000

/** A console that listens, and who may come in. */
export interface Door {
  url: string
  username: string
  password: string
}

export interface OpenOptions {
  /** 390 × 844 or 1280 × 800; desktop unless told. */
  size?: keyof typeof SIZES
  /** False: no script of a page runs. */
  script?: boolean
}

/** A page as one person has it open, with nothing shared with any other. */
export interface OpenPage {
  page: Page
  /** Status of the first answer. */
  status: number
  /** Console errors (a broken content policy is one), uncaught exceptions and loads that failed, in order. */
  faults: string[]
  /** Questions a script asked; each was answered with yes. */
  asked: string[]
  close(): Promise<void>
}

/** One headless Chromium, started when a page is first opened. */
export interface TestBrowser {
  /** Opens a path of a console; rejects when nothing answers. */
  open(door: Door, path: string, options?: OpenOptions): Promise<OpenPage>
  /** Ends it; rejects when a process or a folder of it stays. */
  close(): Promise<void>
}

/**
 * A browser for the calling file, or null where there is no Chromium, which is said in one line. `CHROMIUM_PATH` names one
 * that must be there then: throws when it is not.
 */
export function browserOrNull(): TestBrowser | null {
  const path = findChromium()
  if (path !== null) return browserAt(path)
  console.log('console tests passed over: no Chromium; apt-get install chromium')
  return null
}

function findChromium(): string | null {
  const given = process.env.CHROMIUM_PATH
  if (given) {
    if (mayRun(given)) return given
    throw new Error('CHROMIUM_PATH: expected a program that may be run, got none; correct it, or leave it out')
  }
  const folders = ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter)]
  return NAMES.flatMap(name => folders.map(folder => join(folder, name))).find(mayRun) ?? null
}

function mayRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function browserAt(executablePath: string): TestBrowser {
  let running: Promise<{ browser: Browser; home: string }> | undefined
  return {
    async open(door, path, { size = 'desktop', script = true } = {}) {
      const { browser } = await (running ??= launch(executablePath))
      const { origin } = new URL(door.url)
      const context = await browser.newContext({
        viewport: SIZES[size],
        javaScriptEnabled: script,
        httpCredentials: { username: door.username, password: door.password, origin },
        locale: 'en-GB',
      })
      context.setDefaultTimeout(PATIENCE_MS)
      const page = await context.newPage()
      const seen = watch(page)
      const answer = await page.goto(new URL(path, origin).href)
      return { page, status: answer?.status() ?? 0, ...seen, close: () => context.close() }
    },
    async close() {
      if (running === undefined) return
      const { browser, home } = await running
      running = undefined
      const ours = processes().filter(({ environment }) => environment.includes(`HOME=${home}`))
      const groups = new Set(ours.map(({ group }) => group))
      await browser.close()
      await eventually(() =>
        expect(
          processes().filter(({ group }) => groups.has(group)),
          'processes of the browser',
        ).toEqual([]),
      )
      rmSync(home, { recursive: true, force: true })
      const profiles = ours.flatMap(({ words }) => words.filter(word => word.startsWith(PROFILE)))
      expect(
        profiles.map(word => word.slice(PROFILE.length)).filter(path => existsSync(path)),
        'profiles of the browser',
      ).toEqual([])
    },
  }
}

/** Its home, settings and temporary files lie in a folder of its own, which also tells its first process from all others. */
async function launch(executablePath: string): Promise<{ browser: Browser; home: string }> {
  const home = mkdtempSync(join(tmpdir(), 'order-sync-browser-'))
  try {
    const env = { PATH: process.env.PATH ?? '', HOME: home, TMPDIR: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home }
    return { home, browser: await chromium.launch({ executablePath, headless: true, args: FLAGS, env }) }
  } catch (error) {
    rmSync(home, { recursive: true, force: true })
    throw error
  }
}

function watch(page: Page): Pick<OpenPage, 'faults' | 'asked'> {
  const seen = { faults: [] as string[], asked: [] as string[] }
  page.on('console', message => {
    if (message.type() === 'error') seen.faults.push(`console: ${message.text()}`)
  })
  page.on('pageerror', error => seen.faults.push(`uncaught: ${error.message}`))
  page.on('requestfailed', request => seen.faults.push(`not loaded: ${request.url()}`))
  page.on('dialog', dialog => {
    seen.asked.push(dialog.message())
    void dialog.accept()
  })
  return seen
}

interface LiveProcess {
  pid: string
  group: string
  words: string[]
  environment: string[]
}

/**
 * All that live, where there is a /proc. Chromium's children wipe their environment, so its first process is told by that
 * and the rest by its group; a zombie has ended, and waits for whoever adopted it.
 */
function processes(): LiveProcess[] {
  const pids = existsSync('/proc') ? readdirSync('/proc').filter(name => /^\d+$/.test(name)) : []
  return pids.flatMap(pid => {
    try {
      const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8')
      // After the name, which may hold spaces: state, parent, group.
      const [state, , group = ''] = read('stat')
        .replace(/^.*\) /s, '')
        .split(' ')
      if (state === 'Z' || state === 'X') return []
      return [{ pid, group, words: read('cmdline').split('\0'), environment: read('environ').split('\0') }]
    } catch {
      return [] // It has ended meanwhile, or is somebody else's.
    }
  })
}

// What follows looks at a page from inside; it is text, for our TypeScript knows no `document`.

/** What sticks out of the page sideways, as tag names with their first words; what scrolls in a box of its own does not count. */
export const sticksOut = (page: Page): Promise<string[]> =>
  page.evaluate(`(() => {
    const wide = document.documentElement.clientWidth
    if (document.documentElement.scrollWidth <= wide) return []
    const out = [...document.body.querySelectorAll('*')].filter(one => one.getBoundingClientRect().right > wide + 1)
    return ['the page', ...out.map(one => one.localName + ' ' + one.textContent.trim().slice(0, 40))]
  })()`)

/** Controls that nobody can name: inputs without a label, buttons and links without words, as their HTML. */
export const nameless = (page: Page): Promise<string[]> =>
  page.evaluate(`(() => {
    const said = one => one.ariaLabel || one.title ||
      (one.getAttribute('aria-labelledby') ?? '').split(/\\s+/).map(id => document.getElementById(id)?.textContent ?? '').join('') ||
      (one.labels ? [...one.labels].map(label => label.textContent).join('') : one.textContent)
    const all = document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea')
    return [...all].filter(one => !(said(one) || (one.localName === 'button' && one.textContent) || '').trim()).map(one => one.outerHTML)
  })()`)

/** Presses Tab through the whole page and gives what was reached in order; each with whether it shows that it has the focus. */
export async function tabThrough(page: Page): Promise<{ what: string; shows: boolean }[]> {
  const stops: { what: string; shows: boolean }[] = []
  await page.evaluate('delete window.firstStop')
  for (let presses = 0; presses < 100; presses += 1) {
    await page.keyboard.press('Tab')
    const stop = await page.evaluate<{ what: string; shows: boolean; again: boolean } | null>(`(() => {
      const one = document.activeElement
      if (one === null || one === document.body) return null
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one)
      const again = one === window.firstStop
      window.firstStop ??= one
      const shows = (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none'
      return { what: one.localName + ' ' + (one.ariaLabel ?? one.textContent.trim().slice(0, 40)), shows, again }
    })()`)
    if (stop === null || stop.again) return stops
    stops.push({ what: stop.what, shows: stop.shows })
  }
  throw new Error('expected Tab to come to an end of the page, got 100 stops; look for a trap of the focus')
}
