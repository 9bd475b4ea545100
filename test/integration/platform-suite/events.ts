import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventKey, type AlertEvent } from '../../../src/domain/alert/event.ts'
import { parseJson } from '../../../src/parse-json.ts'
import { eventually } from '../../support/eventually.ts'
import { dumpKeys } from '../../support/redis-dump.ts'
import { isLong } from '../../support/long.ts'
import { settled, type AlertLine } from '../alert-line.ts'
import { capturesOf, reversed, withUnknownMembers } from './captures.ts'
import { caseIdOf, deliver, type Open, type Platform } from './platform.ts'

const DOOR_ONLY = { without: ['order-sync', 'alerts', 'scheduler'] } as const

/** What a platform's events are read as, and that neither their order nor their number matters. */
export function describeEvents(platform: Platform, open: Open): void {
  describe('of its events', () => {
    const captures = capturesOf(platform.name)

    it('every one that was captured is read without a fault, and is the same event however it is written', async () => {
      const line = await open({}, DOOR_ONLY)
      const keyOf = (raw: Buffer | string) => eventKey(read(platform, line, raw))
      expect(captures.length).toBeGreaterThan(5)
      for (const { file, raw } of captures) {
        const written = [reversed(raw), withUnknownMembers(raw), `\n\t ${raw.toString('utf8')} \n`]
        expect([file, ...written.map(keyOf)]).toEqual([file, ...written.map(() => keyOf(raw))])
      }
      const keyIn = (file: string) => keyOf(captures.find(capture => capture.file === file)!.raw)
      for (const [one, other] of platform.alike) expect(keyIn(one)).toBe(keyIn(other))
      const twins = platform.alike.length
      expect(new Set(captures.map(({ raw }) => keyOf(raw))).size).toBe(captures.length - twins)
    })

    it('every one that comes again changes nothing: the same bytes, after others, with unknown fields', async () => {
      const line = await open({}, DOOR_ONLY)
      const send = async (raw: Buffer | string) => expect((await deliver(platform, line, raw)).status).toBe(200)
      for (const { raw } of captures) await send(raw)
      const before = await keptOf(line)
      const events = captures.map(({ raw }) => read(platform, line, raw))
      expect(before.map(({ id }) => id)).toEqual([...new Set(events.map(({ guid }) => caseIdOf(platform, guid)))].toSorted())
      expect(before.flatMap(({ log }) => log)).toHaveLength(new Set(events.map(eventKey)).size)
      for (const { raw } of captures.toReversed()) for (const again of [raw, raw, withUnknownMembers(raw), reversed(raw)]) await send(again)
      expect(await keptOf(line)).toEqual(before)
    }) // prettier-ignore

    it.runIf(isLong)('those of one alert, repeated and in any order, end in the same case, one refund and one answer', async () => {
      const line = await open()
      let played = 0
      const step = fc.nat({ max: platform.raise(line, 'P-0').events.length - 1 })
      const all = fc.uniqueArray(step, { minLength: platform.raise(line, 'P-0').events.length })
      const schedule = fc
        .tuple(all, fc.array(step, { maxLength: 3 }))
        .chain(([first, again]) => fc.shuffledSubarray([...first, ...again], { minLength: first.length + again.length }))
      const schedules = fc.array(fc.record({ steps: schedule, atOnce: fc.boolean() }), { minLength: 4, maxLength: 6 })
      await fc.assert(
        fc.asyncProperty(schedules, async wanted => {
          const guids = await Promise.all(wanted.map(one => play(platform, line, `P-${++played}`, one)))
          await expectRefunded(platform, line, guids)
        }),
        { numRuns: 3, seed: 41 },
      )
      expect(played).toBeGreaterThan(10)
    }) // prettier-ignore
  })
}

function read(platform: Platform, line: AlertLine, raw: Buffer | string): AlertEvent {
  const json = parseJson(Buffer.from(raw), 'all')
  if ('fault' in json) throw new Error(json.fault.message)
  const parsed = line.deps.alertHooks.get(platform.name)!.normalise(json.value)
  if ('kind' in parsed && parsed.kind === 'event') return parsed.event
  throw new Error(`no event: ${JSON.stringify(parsed)}`)
}

/** Every case, whether it is listed or not, and what its log has. */
async function keptOf({ deps: { redis, keys, cases } }: AlertLine) {
  const before = keys.caseLog('')
  const ids = [...(await dumpKeys(redis, `${before}*`)).keys()].map(key => key.slice(before.length)).toSorted()
  const stored = await Promise.all(ids.map(id => cases.read(id)))
  return stored.map((one, i) => ({ id: ids[i], log: one!.log.map(entry => JSON.stringify(entry)).toSorted() }))
}

interface Schedule {
  steps: readonly number[]
  atOnce: boolean
}

/** Sells an order, and sends the events of its alert; each step stands for one of them. */
async function play(platform: Platform, line: AlertLine, orderId: string, { steps, atOnce }: Schedule) {
  await line.sold(orderId)
  const { guid, events } = platform.raise(line, orderId)
  const send = async (step: number) => expect((await deliver(platform, line, events[step]!())).status).toBe(200)
  if (atOnce) await Promise.all(steps.map(send))
  else for (const step of steps) await send(step)
  return { orderId, guid }
}

async function expectRefunded(platform: Platform, line: AlertLine, alerts: readonly { orderId: string; guid: string }[]) {
  const look = async () => {
    const records = await line.deps.cases.records(alerts.map(({ guid }) => caseIdOf(platform, guid)))
    return records.map(({ orderId, state, reason, resolution }) => [orderId, state, reason, resolution?.type])
  }
  const same = alerts.map(({ orderId }) => [orderId, 'resolved', 'answered', 'issued_full_refund'])
  await eventually(async () => expect(await look()).toEqual(same))
  await settled(line)
  expect(await look()).toEqual(same)
  for (const { orderId, guid } of alerts) {
    expect(platform.told(line, guid)).toMatchObject({ outcome: platform.outcomes.refunded, attempted: 1, conflicted: 0 })
    expect(line.refundCalls(orderId)).toHaveLength(1)
    expect(line.sandbox.refunds.totals(orderId)).toMatchObject({ effective: 1, refunded: '30.00' })
  }
  // An event that names an order before its alert is known leaves no case of its own behind.
  const { ids } = await line.deps.cases.list(null, 100, null)
  const ours = alerts.map(({ guid }) => caseIdOf(platform, guid))
  expect(ids.filter(id => ours.includes(id)).toSorted()).toEqual(ours.toSorted())
} // prettier-ignore
