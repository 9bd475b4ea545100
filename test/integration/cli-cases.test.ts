import { userInfo } from 'node:os'
import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
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
    expect(shown.out).toContain('To decide: Approve the refund')

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
    expect(again).toMatchObject({ code: 1, out: '', err: expect.stringContaining('an answer is final') })
    const traced = (await cli('trace', 'cli-1')).out
    expect(traced).toContain(`alert ${id}: resolved`)
    expect(traced).toMatch(/^ {2}Compelling Evidence 3\.0 not ready: .*no earlier order between 120 and 365 days old$/m)
    const story = traced.split('\n')
    const at = (words: string) => story.findIndex(text => text.includes(words))
    const order = [at('was tied to it'), at(`${ME} approved the refund`), at('was sent to the gateway'), at('USD is confirmed'), at('was answered issued_full_refund')] // prettier-ignore
    expect(order).not.toContain(-1)
    expect(order).toEqual(order.toSorted((a, b) => a - b))
  })

  it('refuses and resolves, and says what is wrong with an answer', async () => {
    const { line, guid, id, cli } = await awaiting('cli-2')
    expect(await cli('cases', 'refuse', id)).toMatchObject({
      code: 0,
      out: expect.stringContaining('It stands as parked'),
    })
    const wrong = await cli('cases', 'resolve', id, '--type', 'other')
    expect(wrong).toMatchObject({
      code: 1,
      err: expect.stringContaining('other_description: expected words of your own'),
    })
    const untrue = await cli('cases', 'resolve', id, '--type', 'issued_full_refund')
    expect(untrue).toMatchObject({ code: 1, err: expect.stringContaining('30 USD of the order is not given back') })
    expect(await cli('cases', 'resolve', id, '--type', 'refunded')).toMatchObject({ code: 2 })
    expect(await cli('cases', 'resolve', id)).toMatchObject({ code: 2 })
    const told = await cli('cases', 'resolve', id, '--type', 'other', '--description', 'we fight it', '--json')
    expect(JSON.parse(told.out)).toMatchObject({ id, answer: { resolution_type: 'other', chosen_by: ME } })
    await line.caseOf(guid, record => record.state === 'resolved')
    expect(line.sandbox.alerts.get(guid)?.resolutions.accepted).toMatchObject({ other_description: 'we fight it' })
  })

  it('says that a case is not known, and that there is none', async () => {
    const line = await open()
    const cli = cliOf(line)
    expect(await cli('cases')).toMatchObject({ code: 0, out: 'No case is known.\n' })
    for (const words of [['show'], ['approve'], ['rebuild']])
      expect(await cli('cases', ...words, 'midigator:none')).toMatchObject({
        code: 1,
        err: expect.stringContaining('no case midigator:none is known'),
      })
    expect(await cli('cases', '--state', 'open')).toMatchObject({ code: 2 })
  })
})

describe('order-sync refunds', () => {
  it('shows the switch, turns it with who and why, and wakes what waits', async () => {
    const line = await open({ REFUND_MODE: 'off', SWEEP_MS: '600000', CASE_LOOK_MS: '600000' })
    const cli = cliOf(line)
    const guid = await line.alertOn('ethoca-full-refund', 'cli-3')
    await line.caseOf(guid, record => record.why === 'refunds-off')
    // An order.refund that came before its alert waits by itself until the alert takes it over.
    await eventually(async () => {
      const { out } = await cli('refunds')
      expect(out).toContain('Refunds: off, as configured: no money moves')
      expect(out).toContain('waiting: 0 for approval, 1 for the switch')
    })
    expect(await cli('refunds', 'auto', '--reason', 'the gateway is back')).toMatchObject({
      code: 0,
      out: expect.stringContaining('refunds are switched to auto'),
    })
    await line.caseOf(guid, record => record.state === 'resolved')
    expect(JSON.parse((await cli('refunds', '--json')).out)).toMatchObject({
      mode: 'auto', set_by: ME, history: [{ from: 'off', to: 'auto', reason: 'the gateway is back' }],
    }) // prettier-ignore
    expect(await cli('refunds', 'on')).toMatchObject({ code: 2 })
  })
})
