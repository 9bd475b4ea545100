import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { startProgram } from '../support/merchants/driver.ts'
import type { Played } from '../support/merchants/play.ts'
import { alertsEach, merchantsOfSeeds, playAll } from '../support/merchants/seeds.ts'
import { add, describeAlert, tableLines, tallyOf } from '../support/merchants/table.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { isSoak, size } from '../support/sizes.ts'

const [SEEDS, ALERTS] = [size(1, 2), size(36, 300)]

describe('alerts of realistic merchants, in virtual time', () => {
  const { namespace, redisUrl } = testNamespace()
  const redis = connectRedis(redisUrl, namespace, 'patient')
  afterAll(() => closeRedis(redis))
  let played: Played[] = []

  beforeAll(async () => {
    const merchants = merchantsOfSeeds(Array.from({ length: SEEDS }, (_, i) => i + 1))
    played = await playAll(merchants, alertsEach(ALERTS), ({ seed }, parts) =>
      startProgram(redis, `${namespace}-${seed}`, parts),
    )
    process.stdout.write(`${tableLines(played).join('\n')}\n`)
  })

  it('meets refunds, answers, alerts without a match and sales that the store does not know', () => {
    const { alerts, refunds, right } = add(played.map(tallyOf))
    expect(alerts).toBeGreaterThanOrEqual(SEEDS * ALERTS)
    expect(Math.min(refunds, right) / alerts).toBeGreaterThan(0.1)
    const all = played.flatMap(one => one.alerts)
    const shareOf = (is: (alert: (typeof all)[number]) => boolean) => all.filter(is).length / all.length
    expect(shareOf(({ match }) => match === null)).toBeGreaterThan(0.2)
    expect(shareOf(({ sale }) => sale !== null && sale.knownAt === null)).toBeGreaterThan(0.05)
    expect(shareOf(({ kind }) => kind !== 'plain')).toBeGreaterThan(0.02)
  })

  it('gives no answer that is not so', () => {
    const untrue = played.flatMap(one =>
      one.alerts.filter(({ answer }) => answer?.untruth != null).map(alert => describeAlert(alert, one)),
    )
    expect(untrue).toEqual([])
  })

  it('refunds no wrong order, never too much or too late, and never pays twice in silence', () => {
    expect(played.flatMap(({ breaches }) => breaches)).toEqual([])
  })

  it('leaves no alert without an answer or a person', () => {
    expect(add(played.map(tallyOf)).left).toBe(0)
  })

  it('answers nearly everything that can be decided', () => {
    const { decidable, decidableAnswered } = add(played.map(tallyOf))
    expect(decidableAnswered / decidable).toBeGreaterThanOrEqual(isSoak ? 0.9 : 0.8)
  })
})
