import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { differencesOf } from '../support/merchants/compare.ts'
import { startProgram } from '../support/merchants/driver.ts'
import type { Played } from '../support/merchants/play.ts'
import { startProcesses } from '../support/merchants/process-driver.ts'
import { alertsEach, merchantsOfSeeds, playAll } from '../support/merchants/seeds.ts'
import { add, describeAlert, tableLines, tallyOf } from '../support/merchants/table.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { size } from '../support/sizes.ts'

/** Of six kinds of merchants each; three seeds have all eighteen. */
const SEEDS = [1, 2, 3].slice(0, size(0, 1))
const ALERTS = 36 * SEEDS.length
const AT_ONCE = 3

describe.skipIf(ALERTS === 0)('alerts of realistic merchants, by real processes', () => {
  const { namespace, redisUrl } = testNamespace()
  const redis = connectRedis(redisUrl, namespace, 'patient')
  afterAll(() => closeRedis(redis))
  let virtual: Played[] = []
  let played: Played[] = []

  beforeAll(async () => {
    const merchants = merchantsOfSeeds(SEEDS)
    const count = alertsEach(Math.ceil(ALERTS / SEEDS.length))
    virtual = await playAll(merchants, count, ({ seed }, parts) => startProgram(redis, `${namespace}-v${seed}`, parts))
    played = await playAll(
      merchants,
      count,
      ({ seed }, parts) => startProcesses(redisUrl, redis, `${namespace}-p${seed}`, parts),
      { atOnce: AT_ONCE },
    )
    process.stdout.write(`${tableLines(played).join('\n')}\n`)
  })

  it('ends every alert as virtual time does', () => {
    expect(add(played.map(tallyOf)).alerts).toBeGreaterThanOrEqual(ALERTS)
    expect(differencesOf(virtual, played).map(({ text }) => text)).toEqual([])
  })

  it('gives no answer that is not so, and moves no money wrongly', () => {
    const untrue = played.flatMap(one =>
      one.alerts.filter(({ answer }) => answer?.untruth != null).map(alert => describeAlert(alert, one)),
    )
    expect([untrue, played.flatMap(({ breaches }) => breaches)]).toEqual([[], []])
  })

  it('rejects no hook', () => {
    expect(played.flatMap(({ rejected }) => rejected)).toEqual([])
  })
})
