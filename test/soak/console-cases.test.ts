import { afterAll, describe, expect, it } from 'vitest'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { useOpsLines, type OpsLine } from '../integration/ops-line.ts'
import { browserOrNull, type Door, type OpenOptions, type OpenPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { LOGIN } from '../support/open-ops.ts'

const browser = browserOrNull()
const openLine = useOpsLines()
/** `SCREENSHOTS=1 npx vitest run --project soak test/soak/console-cases.test.ts -t screenshots` takes those of the README again. */
const TAKES_SCREENSHOTS = process.env.SCREENSHOTS === '1'
const SCREENSHOTS = join(import.meta.dirname, '../../src/ops/pages/screenshots')

describe.skipIf(browser === null)('an operator who looks after alerts in a browser', () => {
  afterAll(() => browser?.close())

  it('finds the parked case from the overview, reads why, resolves it, and sees the resolution accepted', async () => {
    const { line, door } = await start({})
    const guid = await line.alertOn('chargeback-first', '741301')
    await line.caseOf(guid, record => record.state === 'parked')
    await withPage(door, '/', {}, async ({ page, asked, faults }) => {
      await page
        .getByRole('link', { name: `midigator:${guid}` })
        .first()
        .click()
      await page.waitForURL('**/cases/**')
      expect(await page.innerText('main')).toContain(
        'Charged back. The order is charged back. A refund would pay twice.',
      )
      expect(await page.innerText('main')).toContain('To do: Do not refund.')
      expect(await page.getByRole('button', { name: /Approve/ }).count()).toBe(0)
      await page.getByLabel('Resolution').selectOption('other')
      await page.getByLabel('Description').fill('Already a chargeback; it is answered there.')
      const resolve = page.locator('form').filter({ has: page.getByLabel('Resolution') })
      await resolve.getByLabel('Reason').fill('seen in the bank’s portal')
      await page.getByRole('button', { name: 'Resolve alert' }).click()
      await page.locator('.state.resolved').waitFor()
      const story = await page.innerText('ol.timeline')
      expect(story).toContain(
        'operator resolved the alert as other (“Already a chargeback; it is answered there.”): seen in the bank’s portal',
      )
      expect(story).toContain('Midigator accepted the resolution')
      expect(asked).toEqual(['Send this resolution? It is final.'])
      expect(faults).toEqual([])
    })
    expect(line.sandbox.alerts.get(guid)?.resolutions.accepted).toMatchObject({ resolution_type: 'other' })
    expect(line.sandbox.refunds.list('741301')).toEqual([])
  })

  it('reads beside the form what is wrong with a resolution, and loses nothing that was typed', async () => {
    const { line, door } = await start({ REFUND_MODE: 'approve' })
    const guid = await line.alertOn('ethoca-full-refund', '741302')
    await line.caseOf(guid, record => record.state === 'awaiting-approval')
    await withPage(door, `/cases/midigator:${guid}`, {}, async ({ page }) => {
      await page.getByLabel('Resolution').selectOption('issued_full_refund')
      await page.getByLabel('Description').fill('typed')
      await page.getByRole('button', { name: 'Resolve alert' }).click()
      await page.getByText('30 USD of the order is not refunded').waitFor()
      expect(await page.getByLabel('Description').inputValue()).toBe('typed')
    })
    expect((await line.get(`/api/cases/midigator:${guid}`)).body.answer).toBeNull()
  })

  it('approves a refund with the keyboard alone', async () => {
    const { line, door } = await start({ REFUND_MODE: 'approve' })
    const guid = await line.alertOn('ethoca-full-refund', '741303')
    await line.caseOf(guid, record => record.state === 'awaiting-approval')
    await withPage(door, `/cases/midigator:${guid}`, {}, async ({ page, asked, faults }) => {
      await eventually(async () => {
        await page.keyboard.press('Tab')
        expect(await page.locator(':focus').innerText()).toBe('Approve refund of 30.00 USD')
      })
      await page.keyboard.press('Enter')
      await page.locator('.state.resolved').waitFor()
      expect(await page.innerText('ol.timeline')).toContain('operator approved the refund of 30.00 USD')
      expect(asked).toEqual(['Refund 30.00 USD to the customer?'])
      expect(faults).toEqual([])
    })
    expect(line.sandbox.refunds.list('741303')).toMatchObject([{ amount: '30.00', effective: true }])
  })

  it('compares two candidates, chooses the order, and approves the alert’s part of it', async () => {
    const { line, door } = await start({ REFUND_MODE: 'approve', REFUND_TRIGGER: 'match' })
    await line.soldAndKnown('741305')
    await line.soldAndKnown('741306')
    const { prevention_guid: guid } = await line.alert()
    await line.caseOf(guid, record => record.reason === 'several-orders')
    await line.tell({ order_id: '741306', occurred_at: new Date().toISOString(), order_total: '45.00' })
    await withPage(door, `/cases/midigator:${guid}`, {}, async ({ page, asked, faults }) => {
      const row = page.getByRole('row').filter({ hasText: '741306' })
      expect(await row.innerText()).toContain('45.00 USD')
      await row.getByRole('button', { name: 'This is the order' }).click()
      await page.getByRole('button', { name: 'Approve refund of 30.00 USD' }).waitFor()
      expect(await page.getByRole('button', { name: 'Approve refund of 45.00 USD' }).count()).toBe(1)
      expect(await page.innerText('main')).toContain('45.00 USD captured, 0.00 USD refunded, 45.00 USD refundable')
      await page.getByRole('button', { name: 'Approve refund of 30.00 USD' }).click()
      await page.locator('.state.resolved').waitFor()
      expect(asked).toEqual(['Match the case to order 741306?', 'Refund 30.00 USD to the customer?'])
      expect(faults).toEqual([])
    })
    expect(line.sandbox.refunds.list('741306')).toMatchObject([{ amount: '30.00', effective: true }])
    expect(line.sandbox.refunds.list('741305')).toEqual([])
  })

  it('sets the refund mode to off on a phone, with a reason, and the page says so', async () => {
    const { line, door } = await start({})
    await withPage(door, '/', { size: 'phone' }, async ({ page, asked, faults }) => {
      const form = page.getByRole('region', { name: 'Refunds' })
      await form.getByLabel('Reason').fill('the gateway is being moved')
      await form.getByRole('button', { name: 'off' }).click()
      await page.getByText('Refund mode: off. No refund is sent').waitFor()
      expect(asked).toEqual(['Set the refund mode to off?'])
      expect(faults).toEqual([])
    })
    expect((await line.get('/api/refunds/mode')).body).toMatchObject({
      mode: 'off',
      set_by: 'operator',
      history: [{ from: 'auto', to: 'off', reason: 'the gateway is being moved' }],
    })
  })

  it('searches by an order and reads its story, also where no script runs', async () => {
    const { line, door } = await start({})
    const guid = await line.alertOn('ethoca-full-refund', '741304')
    await line.caseOf(guid, record => record.state === 'resolved')
    await withPage(door, '/cases', { script: false, size: 'phone' }, async ({ page, faults }) => {
      await page.getByLabel('Order id or alert id').fill('741304')
      await page.getByRole('button', { name: 'Find case' }).click()
      await page.waitForURL('**/cases/midigator*')
      const text = await page.innerText('main')
      expect(text).toContain('the refund of 30.00 USD is confirmed')
      expect(text).toContain('issued_full_refund, chosen by order-sync')
      await page.getByRole('link', { name: '741304' }).first().click()
      await page.waitForURL('**/orders/741304')
      expect(await page.innerText('ol.timeline')).toContain(
        `ethoca alert midigator:${guid} was resolved as issued_full_refund`,
      )
      expect(faults).toEqual([])
    })
  })

  it.runIf(TAKES_SCREENSHOTS)('takes the screenshots', async () => {
    const { line, door } = await start({ REFUND_AUTO_LIMIT: '200', REFUND_LIMIT_CURRENCY: 'USD' })
    const guid = await tellADay(line)
    mkdirSync(SCREENSHOTS, { recursive: true })
    for (const [name, path] of [
      ['overview', '/'],
      ['case', `/cases/midigator:${guid}`],
      ['order', '/orders/741258'],
    ] as const)
      await withPage(door, path, {}, async ({ page }) => {
        await page.setViewportSize({ width: 1_100, height: 900 })
        const taken = await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) })
        expect(taken.length).toBeGreaterThan(10_000)
      })
  })
})

/** A made-up day: alerts answered, one above the limit, one that fits no order, one charged back. Answers the one above the limit. */
async function tellADay(line: OpsLine): Promise<string> {
  const answered = [
    await line.alertOn('ethoca-full-refund', '741258'),
    await line.alertOn('verifi-full-refund', '741266'),
  ]
  for (const guid of answered) await line.caseOf(guid, record => record.state === 'resolved')
  const charged = await line.alertOn('chargeback-first', '741271')
  await line.caseOf(charged, record => record.state === 'parked')
  const { prevention_guid: lost } = line.sandbox.scenarios.trigger('ethoca-unmatched', {
    prevention_timestamp: `${new Date(Date.now() - 6 * 3_600_000).toISOString().slice(0, 19)}Z`,
  })
  await line.caseOf(lost!, record => record.state === 'unmatched')
  await line.soldAndKnown('741280', { order_total: '480.00' })
  const { prevention_guid: big } = line.sandbox.scenarios.trigger('ethoca-full-refund', { order_id: '741280' })
  await line.caseOf(big!, record => record.state === 'awaiting-approval')
  return big!
}

async function start(settings: Parameters<typeof openLine>[0]): Promise<{ line: OpsLine; door: Door }> {
  const line = await openLine(settings)
  return { line, door: { url: await line.app.listen({ host: '127.0.0.1', port: 0 }), ...LOGIN } }
}

async function withPage(
  door: Door,
  path: string,
  options: OpenOptions,
  use: (open: OpenPage) => Promise<void>,
): Promise<void> {
  const open = await browser!.open(door, path, options)
  try {
    await use(open)
  } finally {
    await open.close()
  }
}
