import { Readable } from 'node:stream'
import { afterAll, describe, expect, it } from 'vitest'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { readHistory } from '../../src/shadow-run/history.ts'
import { shadowRun } from '../../src/shadow-run/shadow-run.ts'
import { totalsOf } from '../../src/shadow-run/verdict.ts'
import { startProgram, termsOf } from '../support/merchants/driver.ts'
import { play } from '../support/merchants/play.ts'
import { Recorder } from '../support/merchants/record.ts'
import { merchantsOfSeeds } from '../support/merchants/seeds.ts'
import { decimal, type Sale } from '../support/merchants/truth.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { isSoak, size } from '../support/sizes.ts'

const ALERTS = size(8, 20)
const SEEDS = Array.from({ length: isSoak ? 3 : 1 }, (_, i) => i + 1)
/** Everyday a subscription with Midigator's later payloads; at full size all eighteen kinds. */
const MERCHANTS = merchantsOfSeeds(SEEDS).filter(({ seed }) => isSoak || seed === 102)

describe('a shadow run over what merchants have in their logs', () => {
  const { namespace, redisUrl } = testNamespace()
  const redis = connectRedis(redisUrl, namespace, 'patient')
  afterAll(() => closeRedis(redis))

  it.each(MERCHANTS)('ends every alert as the program did: merchant $seed', async merchant => {
    const recorder = new Recorder()
    const start = recorder.start(parts => startProgram(redis, `${namespace}-${merchant.seed}`, parts))
    const played = await play(merchant, ALERTS, start)
    const history = await readHistory(Readable.from(recorder.lines(played).join('\n')))
    expect(history.faults).toEqual([])
    const keepsKeysHours = merchant.gateway.keepsKeysHours
    const settings = {
      trigger: merchant.trigger,
      keepsKeysHours,
      defaultCurrency: merchant.statesCurrency ? null : merchant.currency,
    }
    const { alerts, refunded } = await shadowRun(redis, `${namespace}-shadow-${merchant.seed}`, {
      history,
      terms: termsOf(settings),
      keepsKeysMs: keepsKeysHours * 3_600_000,
      hasGateway: true,
    })
    const here = new Map(alerts.map(alert => [alert.id, alert]))
    const differences = played.alerts.flatMap(alert => {
      const [state, shadow] = [played.states.get(alert), here.get(`${alert.platform}:${alert.guid}`)]
      const really = {
        answer: alert.answer?.type ?? null,
        state: state?.state,
        why: state?.why,
        orderId: state?.orderId,
      }
      const shown = {
        answer: shadow?.resolution ?? null,
        state: shadow?.state,
        why: shadow?.reason,
        orderId: shadow?.orderId,
      }
      return JSON.stringify(really) === JSON.stringify(shown) ? [] : [{ guid: alert.guid, really, shown }]
    })
    expect(differences).toEqual([])
    expect(refunded).toEqual(totalsOf(played.known.sales.flatMap(ourRefunds)))
    expect(alerts.filter(({ verdict }) => verdict === 'agrees').length).toBeGreaterThan(0)
    expect(alerts.filter(({ verdict }) => verdict === 'differs')).toEqual([])
  })
})

const ourRefunds = ({ refunds, currency }: Sale) =>
  refunds
    .filter(({ by, status }) => by === 'us' && status !== 'failed')
    .map(({ minor }) => ({ amount: decimal(minor, currency), currency }))
