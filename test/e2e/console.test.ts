import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  browserOrNull, nameless, SIZES, sticksOut, tabThrough, type Door, type OpenOptions, type OpenPage,
} from '../support/browser.ts' // prettier-ignore
import { decideCase } from '../../src/jobs/case-decision.ts'
import { eventually } from '../support/eventually.ts'
import { few, isLong } from '../support/long.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { LOGIN, openOps, settled, type OpenOps } from '../support/open-ops.ts'

const REFUSED = 'refused-1'
/** As long as an id may be, and nowhere to break it. */
const LONG = `long${'x'.repeat(251)}`
const LONG_WORDS = `order_total:${'y'.repeat(200)}`

/** Every page of the console: what is added to it joins this list, and is held to all that `describe.each` asks. */
const PAGES = [
  { name: 'the overview', path: '/', heading: 'Overview', says: /not settled/ },
  { name: 'an order of a long name', path: `/orders/${LONG}`, heading: `Order ${LONG}`, says: /order_total/ },
  { name: 'the list of cases', path: '/cases', heading: 'Cases', says: /pre_waits/ },
  {
    name: 'a case that waits for a person',
    path: '/cases/midigator:pre_waits',
    heading: 'Alert pre_waits',
    says: /cases approve midigator:pre_waits/,
  },
  { name: 'a list of orders', path: '/orders?state=held', heading: 'Orders: Not settled', says: /held-1/ },
  { name: 'an order', path: '/orders/sent-1', heading: 'Order sent-1', says: /acknowledged everything/ },
  { name: 'an unknown order', path: '/orders/nobody', heading: 'No such order', says: /No order nobody is stored/ },
  { name: 'cases of one state', path: '/cases?state=unmatched', heading: 'Cases: No order found', says: /pre_lost/ },
  {
    name: 'an unknown case',
    path: '/cases/midigator:nobody',
    heading: 'No such case',
    says: /No case midigator:nobody is stored/,
  },
  { name: 'what was refused', path: '/rejected', heading: 'Rejected', says: /bad-1/ },
]

const browser = browserOrNull()
const redis = testNamespace()
let ops: OpenOps
let door: Door

describe.skipIf(browser === null)('the console in a browser', () => {
  beforeAll(async () => {
    ops = await openOps(redis)
    door = { url: await ops.app.listen({ host: '127.0.0.1', port: 0 }), ...LOGIN }
    await ops.accept(settled('sent-1'))
    await pushed('sent-1', 'acknowledged')
    for (const orderId of [REFUSED, LONG]) {
      refuseOnce()
      await ops.accept(settled(orderId))
      await pushed(orderId, 'rejected')
    }
    await hear('pre_waits', { orderId: 'sent-1' })
    await hear('pre_lost', {})
    await ops.accept(settled('held-1', { payment_state: 'pending' }), settled('bad-1', { occurred_at: 'never' }))
  })
  afterAll(async () => {
    try {
      await browser?.close()
    } finally {
      await ops?.close()
    }
  })

  // The first four have every part that a page may have.
  describe.each(few(PAGES, 4))('$name', ({ path, heading, says }) => {
    it('fits a phone and a desk, has one heading of the first rank, a name for every control, and shows where the focus is', async () => {
      await withPage(path, { size: 'phone' }, async open => {
        const { page } = open
        expect(await sticksOut(page)).toEqual([])
        await page.setViewportSize(SIZES.desktop)
        expect(await sticksOut(page)).toEqual([])
        expect(await page.locator('h1').allInnerTexts()).toEqual([heading])
        expect(await nameless(page)).toEqual([])
        const stops = await tabThrough(page)
        expect(stops.map(({ what }) => what)).toContain('a Overview')
        expect(stops.filter(stop => !stop.shows)).toEqual([])
        expect(unexpected(open)).toEqual([])
      })
    })

    it('can be read where no script runs, and offers no button that would do nothing', async () => {
      await withPage(path, { size: 'phone', script: false }, async open => {
        expect(await open.page.innerText('h1')).toBe(heading)
        expect(await open.page.innerText('main')).toMatch(says)
        expect(await open.page.locator('button[data-post]:visible').count()).toBe(0)
        expect(await sticksOut(open.page)).toEqual([])
        expect(unexpected(open)).toEqual([])
      })
    })
  })

  it('would be found at fault by the checks above', async () => {
    await withPage('/', { size: 'phone' }, async ({ page, faults }) => {
      await page.setContent(
        `<input placeholder="id" /><button></button><a href="/">one</a><p style="color: red">${'x'.repeat(500)}</p>`,
      )
      await page.evaluate('document.querySelector("a").style.outline = "none"')
      expect((await sticksOut(page))[0]).toBe('the page')
      expect(await nameless(page)).toEqual(['<input placeholder="id">', '<button></button>'])
      expect((await tabThrough(page)).find(({ what }) => what === 'a one')).toEqual({ what: 'a one', shows: false })
      await eventually(() => expect(faults).toEqual([expect.stringContaining('Content Security Policy')]))
    })
  })

  it('offers, where no script runs, the command that does what the button would', async () => {
    await withPage('/orders/sent-1', { script: false }, async ({ page }) => {
      expect(await page.innerText('main')).toContain('npx order-sync sync sent-1')
    })
  })

  it('counts on the overview what stands where', async () => {
    await withPage('/', {}, async ({ page }) => {
      const tiles = (await page.locator('.tiles li').allInnerTexts()).map(text => text.replace(/\s+/g, ' '))
      expect(tiles).toEqual(
        expect.arrayContaining([
          '0 waiting to sync',
          '1 not settled',
          '2 rejected by the platform',
          '1 changes rejected on intake',
        ]),
      )
    })
  })

  it('leads from the search box to an order with the keyboard alone', async () => {
    await withPage('/', {}, async ({ page }) => {
      await eventually(async () => {
        await page.keyboard.press('Tab')
        const field = page.getByLabel('Order id', { exact: true })
        expect(await field.and(page.locator(':focus')).count()).toBe(1)
      })
      await page.keyboard.type('held-1')
      await page.keyboard.press('Enter')
      await page.waitForURL('**/orders/held-1')
      expect(await page.innerText('main')).toContain('not settled yet (payment_state pending)')
    })
  })

  it('is closed to whoever has another password', async () => {
    const stranger = await browser!.open({ ...door, password: 'another' }, '/')
    try {
      expect(stranger.status).toBe(401)
      expect(await stranger.page.content()).not.toContain('Overview')
    } finally {
      await stranger.close()
    }
  })

  it.runIf(isLong)('sends a refused order when its button is pressed, says so, and shows what came of it', async () => {
    await withPage(`/orders/${REFUSED}`, { size: 'phone' }, async ({ page, faults }) => {
      expect(await page.innerText('.state')).toBe('Rejected')
      await ops.working(async () => {
        await page.getByRole('button', { name: 'Send now' }).click()
        await page.getByText('the order was rejected and is retried now').waitFor()
        await standsAs(REFUSED, 'acknowledged')
      })
      expect(ops.sandbox.inbox.record(REFUSED)).toMatchObject({ order_id: REFUSED, order_status: 'Complete' })
      // The page is loaded anew by itself.
      await page.locator('.state.acknowledged').waitFor()
      expect(faults).toEqual([])
    })
  })

  it('pauses a queue and lets it go on', async () => {
    const queue = ops.deps.queues.of('sync-order')
    const press = (name: string, says: string) =>
      withPage('/', {}, async ({ page, faults }) => {
        await page.getByRole('row').filter({ hasText: 'sync-order' }).getByRole('button', { name }).click()
        await page.getByText(says).waitFor()
        expect(faults).toEqual([])
      })
    await press('Pause', 'sync-order is paused until an operator resumes it')
    expect(await queue.isPaused()).toBe(true)
    await press('Resume', 'sync-order is resumed')
    expect(await queue.isPaused()).toBe(false)
  })
})

/** The browser counts a page that says "no such order" among its errors. */
const unexpected = ({ faults, status }: OpenPage): string[] =>
  faults.filter(fault => !(status === 404 && fault.includes('404')))

async function withPage(path: string, options: OpenOptions, use: (open: OpenPage) => Promise<void>): Promise<void> {
  const open = await browser!.open(door, path, options)
  try {
    await use(open)
  } finally {
    await open.close()
  }
}

/** An alert that came in and was decided about, with nobody to act on it. */
async function hear(guid: string, facts: { orderId?: string }): Promise<void> {
  const told = { partner: 'ethoca', amount: '26.85', currency: 'USD', descriptor: 'x'.repeat(200), ...facts }
  const event = { type: 'alert', guid, facts: told, sentAt: Date.now() } as const
  const { id } = await ops.deps.cases.addEvent('midigator', 'alert', `hook:${guid}`, event, {})
  const record = { what: 'read-back', at: Date.now(), facts: told } as const
  await decideCase(ops.deps.jobDeps, id, () => ({ add: [record] }))
}

const standsAs = (orderId: string, state: string): Promise<void> =>
  eventually(async () => expect((await ops.get(`/api/orders/${orderId}`)).body.state).toBe(state))

/** Has a worker run until the order stands there. */
const pushed = (orderId: string, state: string): Promise<void> => ops.working(() => standsAs(orderId, state))

const refuseOnce = (): void =>
  ops.sandbox.faults.set([
    { on: 'order', times: 1, fault: { kind: 'status', status: 400, body: { message: LONG_WORDS } } },
  ])
