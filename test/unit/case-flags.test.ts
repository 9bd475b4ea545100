import { describe, expect, it } from 'vitest'

import type { CaseEntry } from '../../src/domain/case/log.ts'
import { decideCase } from '../../src/jobs/case-decision.ts'
import { chargebackCase, chose, DAY_MS, ETHOCA, factsWith, hook, NOW, readBack } from './build-case.ts'
import { JobWorld, storedOrder } from './job-world.ts'

describe('a chargeback', () => {
  const CB = 'midigator:cb'
  const { facts } = chargebackCase()
  const charged = (orderId = 'A') => [hook('chargeback', { ...facts.facts, orderId }), readBack({ orderId })]
  function chargedWorld(): JobWorld {
    const made = new JobWorld()
    for (const orderId of ['A', 'B']) made.orders.set(orderId, storedOrder(orderId))
    made.put(CB, 'chargeback', charged())
    return made
  }
  const flags = (made: JobWorld) => made.asked.filter(one => one.startsWith('flag'))

  it('marks its order once, and that is kept', async () => {
    const made = chargedWorld()
    await decideCase(made.deps, CB)
    await decideCase(made.deps, CB)
    expect(flags(made)).toEqual([`flag A is_chargeback true midigator ${NOW}`])
    expect(made.entriesOf(CB, 'flag')).toEqual([{ what: 'flag', at: NOW, orderId: 'A', flag: 'is_chargeback', value: true }]) // prettier-ignore
  })

  it('that turns out to be of another order marks that one and takes the mark back', async () => {
    const made = chargedWorld()
    await decideCase(made.deps, CB)
    made.now += 5
    await decideCase(made.deps, CB, () => ({ add: [chose('B', made.now)] }))
    expect(flags(made).slice(1)).toEqual([`flag A is_chargeback false midigator ${NOW + 5}`, `flag B is_chargeback true midigator ${NOW + 5}`]) // prettier-ignore
    expect(made.entriesOf(CB, 'flag')).toHaveLength(3)
  })

  it('leaves the mark where another chargeback of the platform is still the reason for it', async () => {
    const of = async (id: string, kind: 'chargeback' | 'alert', orderId: string) => {
      const made = chargedWorld()
      await decideCase(made.deps, CB)
      made.put(id, kind, charged(orderId), { orderId })
      made.now += 5
      await decideCase(made.deps, CB, () => ({ add: [chose('B', made.now)] }))
      expect(made.entriesOf(CB, 'flag').filter(({ value }) => !value)).toHaveLength(1)
      return flags(made).some(one => one.startsWith('flag A is_chargeback false'))
    }
    expect(await of('midigator:other', 'chargeback', 'A')).toBe(false)
    expect(await of('midigator:other', 'alert', 'A')).toBe(true)
    expect(await of('midigator:other', 'chargeback', 'C')).toBe(true)
    expect(await of('chargebackhit:other', 'chargeback', 'A')).toBe(true)
  })

  it('marks its order for itself, also where another chargeback of it has', async () => {
    const made = chargedWorld()
    made.put('midigator:other', 'chargeback', charged(), { orderId: 'A' })
    await decideCase(made.deps, CB)
    expect(flags(made)).toEqual([`flag A is_chargeback true midigator ${NOW}`])
  })

  it('keeps its mark once where another process kept it meanwhile', async () => {
    const made = chargedWorld()
    const kept: CaseEntry = { what: 'flag', at: NOW - 1, orderId: 'A', flag: 'is_chargeback', value: true }
    made.wants.flag = async () => void made.put(CB, 'chargeback', [...charged(), kept], { orderId: 'A' })
    await decideCase(made.deps, CB)
    expect(made.entriesOf(CB, 'flag')).toEqual([kept])
  })

  it('asks again soon while its mark is not kept', async () => {
    const made = chargedWorld()
    await decideCase(made.deps, CB)
    expect(made.writes[0]!.lookAt).toBe(NOW + 4_000)
  })

  it('a fraud notice leaves the mark for fraud only to another fraud notice', async () => {
    const FRAUD = factsWith({ partner: 'fraud-notification', amount: undefined })
    const made = chargedWorld()
    const id = made.put('midigator:tc40', 'alert', [hook('alert', FRAUD), readBack(FRAUD)])
    await decideCase(made.deps, id)
    expect(flags(made)).toEqual([`flag A is_fraud true midigator ${NOW}`])
    made.put('midigator:cb2', 'chargeback', charged(), { orderId: 'A', partner: 'fraud-notification' })
    const twin = made.put('midigator:second', 'alert', [hook('alert', FRAUD), readBack(FRAUD)], { orderId: 'A', partner: 'fraud-notification' }) // prettier-ignore
    made.now += 5
    await decideCase(made.deps, id, () => ({ add: [chose('B', made.now)] }))
    expect(flags(made)).toEqual([`flag A is_fraud true midigator ${NOW}`, `flag B is_fraud true midigator ${NOW + 5}`])
    made.put('midigator:plain', 'alert', [hook('alert', ETHOCA)], { orderId: 'A', partner: 'ethoca' })
    made.put('midigator:unnamed', 'alert', [hook('alert', factsWith({ partner: undefined }))], { orderId: 'A' })
    await decideCase(made.deps, twin)
    made.now += DAY_MS
    await decideCase(made.deps, twin, () => ({ add: [chose('B', made.now)] }))
    expect(flags(made)).toContain(`flag A is_fraud false midigator ${made.now}`)
  })
})
