import { userInfo } from 'node:os'
import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { runCommand } from '../support/run-command.ts'
import { useOpsLines, type OpsLine } from './ops-line.ts'

const open = useOpsLines()
const ME = `cli:${userInfo().username}`

/** `order-sync`, over the line's Redis. */
const cliOf =
  ({ deps: { config } }: OpsLine) =>
  (...args: string[]) =>
    runCommand(args, {
      env: {
        REDIS_URL: config.REDIS_URL!,
        REDIS_NAMESPACE: config.REDIS_NAMESPACE,
        REFUND_MODE: config.REFUND_MODE!,
        REFUND_TRIGGER: config.REFUND_TRIGGER,
        MIDIGATOR_API_SECRET: config.MIDIGATOR_API_SECRET!,
        REFUND_HTTP_URL: config.REFUND_HTTP_URL!,
        REFUND_HTTP_SECRET: config.REFUND_HTTP_SECRET!,
        REQUEST_SETTLE_MS: String(config.REQUEST_SETTLE_MS),
        MATCH_GRACE_MS: String(config.MATCH_GRACE_MS),
        REFUND_LIST_LAG_MS: String(config.REFUND_LIST_LAG_MS),
        CASE_LOOK_MS: String(config.CASE_LOOK_MS),
      },
    })

/** A line whose refunds wait for a person, with one alert that does. */
async function awaiting(orderId: string) {
  const line = await open({ REFUND_MODE: 'approve' })
  const guid = await line.alertOn('ethoca-full-refund', orderId)
  await line.caseOf(guid, record => record.state === 'awaiting-approval')
  return { line, guid, id: `midigator:${guid}`, cli: cliOf(line) }
}

describe('order-sync cases', () => {
  it('lists, shows, approves with who did it, and finds the rebuilt record equal', async () => {
    const { line, guid, id, cli } = await awaiting('cli-1')
    // Its gateway is asked meanwhile, and the case with it.
    await eventually(async () =>
      expect(await cli('cases', '--state', 'awaiting-approval')).toMatchObject({
        code: 0,
        out: expect.stringContaining(`${id}  awaiting-approval  order cli-1  30.00 USD`),
      }),
    )
    const shown = await cli('cases', 'show', id)
    expect(shown.out).toContain(`\`order-sync cases approve ${id}\` refunds 30.00 USD`)
    expect(shown.out).toContain('To do: Approve the refund')

    const approved = await cli('cases', 'approve', id, '--reason', 'the customer is right')
    expect(approved).toMatchObject({ code: 0, out: expect.stringContaining('the refund of 30.00 USD is approved') })
    await line.caseOf(guid, record => record.state === 'resolved')
    const { timeline, refunds } = JSON.parse((await cli('cases', 'show', id, '--json')).out)
    expect(refunds).toMatchObject([{ approved_by: ME, state: 'confirmed' }])
    expect(timeline).toContainEqual(expect.objectContaining({ what: 'said', by: ME, reason: 'the customer is right' }))

    expect(await cli('cases', 'rebuild', id)).toMatchObject({ code: 0, out: expect.stringContaining('equals') })
    const [record] = await line.deps.cases.records([id])
    await line.deps.cases.keepOnlyLog(id, { ...record!, amount: '31' })
    expect(await cli('cases', 'rebuild', id)).toMatchObject({
      code: 1,
      out: expect.stringContaining('amount: was "31", is "30"'),
    })

    const again = await cli('cases', 'approve', id)
    expect(again).toMatchObject({ code: 1, out: '', err: expect.stringContaining('a resolution is final') })
    const traced = (await cli('trace', 'cli-1')).out
    expect(traced).toContain(`alert ${id}: resolved`)
    expect(traced).toMatch(/^ {2}Compelling Evidence 3\.0 not ready: .*no earlier order between 120 and 365 days old$/m)
    const story = traced.split('\n')
    const at = (words: string) => story.findIndex(text => text.includes(words))
    const order = [at('was matched to the order'), at(`${ME} approved the refund`), at('was sent to the gateway'), at('USD is confirmed'), at('was resolved as issued_full_refund')] // prettier-ignore
    expect(order).not.toContain(-1)
    expect(order).toEqual(order.toSorted((a, b) => a - b))
  })

  it.runIf(isLong)('declines and resolves, and says what is wrong with a resolution', async () => {
    const { line, guid, id, cli } = await awaiting('cli-2')
    expect(await cli('cases', 'refuse', id)).toMatchObject({
      code: 0,
      out: expect.stringContaining('The case is now parked: Refund declined.'),
    })
    const wrong = await cli('cases', 'resolve', id, '--type', 'other')
    expect(wrong).toMatchObject({
      code: 1,
      err: expect.stringContaining('other_description: expected words of your own'),
    })
    const untrue = await cli('cases', 'resolve', id, '--type', 'issued_full_refund')
    expect(untrue).toMatchObject({ code: 1, err: expect.stringContaining('30 USD of the order is not refunded') })
    expect(await cli('cases', 'resolve', id, '--type', 'refunded')).toMatchObject({ code: 2 })
    expect(await cli('cases', 'resolve', id)).toMatchObject({ code: 2 })
    const told = await cli('cases', 'resolve', id, '--type', 'other', '--description', 'we fight it', '--json')
    expect(JSON.parse(told.out)).toMatchObject({ id, answer: { resolution_type: 'other', chosen_by: ME } })
    await line.caseOf(guid, record => record.state === 'resolved')
    expect(line.sandbox.alerts.get(guid)?.resolutions.accepted).toMatchObject({ other_description: 'we fight it' })
  })

  it.runIf(isLong)('chooses the order of an alert that fits two, and approves a part of it', async () => {
    const line = await open({ REFUND_MODE: 'approve' })
    const cli = cliOf(line)
    for (const orderId of ['cli-a', 'cli-b']) await line.soldAndKnown(orderId)
    const { prevention_guid: guid } = await line.alert()
    const id = `midigator:${guid}`
    await line.caseOf(guid, record => record.reason === 'several-orders')
    const shown = (await cli('cases', 'show', id)).out
    expect(shown).toContain(`choose one with \`order-sync cases match ${id} ORDER\``)
    expect(shown).toMatch(/^cli-a .*30\.00 USD .*first_six last_four amount/m)
    expect(await cli('cases', 'match', id, 'cli-none')).toMatchObject({
      code: 1,
      err: expect.stringContaining('no order cli-none is stored'),
    })
    expect(await cli('cases', 'match', id, 'cli-b', '--reason', 'the buyer said so')).toMatchObject({
      code: 0,
      out: expect.stringContaining('the case is matched to order cli-b'),
    })
    await line.caseOf(guid, record => record.orderId === 'cli-b' && record.reason === 'no-trigger')
    expect(await cli('cases', 'approve', id, '--amount', '30.01')).toMatchObject({
      code: 1,
      err: expect.stringContaining('at most 30.00 USD is refundable now'),
    })
    expect(await cli('cases', 'approve', id, '--amount', '12.50')).toMatchObject({
      code: 0,
      out: expect.stringContaining('the refund of 12.50 USD is approved'),
    })
    await line.caseOf(guid, record => record.state === 'resolved')
    expect(line.sandbox.refunds.list('cli-b')).toMatchObject([{ amount: '12.50', effective: true }])
    expect(line.sandbox.refunds.list('cli-a')).toEqual([])
    expect(line.sandbox.alerts.get(guid)?.resolutions.accepted).toMatchObject({
      resolution_type: 'other',
      other_description: 'A refund of 12.50 USD was issued for this alert, out of 30.00 USD charged for the order.',
    })
    expect(await cli('cases', 'match', id, 'cli-a')).toMatchObject({ code: 1, err: expect.stringContaining('money may have moved for order cli-b') }) // prettier-ignore
  })

  it.runIf(isLong)('closes a double payment alone', async () => {
    const { id, cli } = await awaiting('cli-4')
    expect(await cli('cases', 'close', id)).toMatchObject({ code: 1, err: expect.stringContaining('only a double payment') }) // prettier-ignore
  })

  it('says that a case is not stored, and that there is none', async () => {
    const line = await open()
    const cli = cliOf(line)
    expect(await cli('cases')).toMatchObject({ code: 0, out: 'No case is stored.\n' })
    for (const words of [['show'], ['approve'], ['rebuild']])
      expect(await cli('cases', ...words, 'midigator:none')).toMatchObject({
        code: 1,
        err: expect.stringContaining('no case midigator:none is stored'),
      })
    expect(await cli('cases', '--state', 'open')).toMatchObject({ code: 2 })
  })
})

describe('order-sync refunds', () => {
  it('shows the mode, sets it with who and why, and has what waits decided again', async () => {
    const line = await open({ REFUND_MODE: 'off', SWEEP_MS: '600000', CASE_LOOK_MS: '600000' })
    const cli = cliOf(line)
    const guid = await line.alertOn('ethoca-full-refund', 'cli-3')
    await line.caseOf(guid, record => record.reason === 'refunds-off')
    // An order.refund that came before its alert waits by itself until the alert takes it over.
    await eventually(async () => {
      const { out } = await cli('refunds')
      expect(out).toContain('Refund mode: off. No refund is sent; alerts are still received and wait. (as configured)')
      expect(out).toContain('waiting: 0 for approval, 1 because refunds are off')
    })
    expect(await cli('refunds', 'auto', '--reason', 'the gateway is back')).toMatchObject({
      code: 0,
      out: expect.stringContaining('Refund mode: automatic. Refunds within your limits are sent without approval.'),
    })
    await line.caseOf(guid, record => record.state === 'resolved')
    expect(JSON.parse((await cli('refunds', '--json')).out)).toMatchObject({
      mode: 'auto', set_by: ME, history: [{ from: 'off', to: 'auto', reason: 'the gateway is back' }],
    }) // prettier-ignore
    expect(await cli('refunds', 'on')).toMatchObject({ code: 2 })
  })
})
