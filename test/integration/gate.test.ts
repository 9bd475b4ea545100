import { beforeEach, describe, expect, it } from 'vitest'
import type { GateEvent } from '../../src/store/gate-store.ts'
import type { GateTerms } from '../../src/store/push-store.ts'
import { useStores } from './stores.ts'

const TERMS: GateTerms = { breakerFailures: 3, breakerProbeMs: 1_000, rate: null }
const { time, gates, newOrder, begin, end } = useStores({ terms: TERMS })

let platform = ''
let count = 0
beforeEach(() => void (platform = `platform-${(count += 1)}`))

const told = async (...events: GateEvent['what'][]) => {
  let last = { shut: false, opened: false }
  for (const what of events) last = await gates.record(platform, { what } as GateEvent)
  return last
}
const failures = (times: number) => told(...Array.from({ length: times }, () => 'failed' as const))
/** A push of a new order: true when it may go out, else why not and for how long. */
async function enters(terms = TERMS) {
  const order = await newOrder()
  const begun = await begin(order, `${platform}-${order.orderId}`, { platform, terms })
  if (begun.go) return true
  return begun.why === 'closed' ? [begun.cause, begun.ms] : begun.why
}

describe('the breaker', () => {
  it('opens at the third failure in a row, says so once, and lets nobody in', async () => {
    expect(await failures(2)).toEqual({ shut: false, opened: false })
    expect(await enters()).toBe(true)
    expect(await failures(1)).toEqual({ shut: true, opened: false })
    expect(await failures(1)).toEqual({ shut: false, opened: false })
    expect(await enters()).toEqual(['breaker', 1_000])
    expect(await gates.state(platform)).toMatchObject({ breaker: 'open', openedAt: time.now })
  })

  it('counts only failures without an answer in between', async () => {
    await told('failed', 'failed', 'answered', 'failed', 'failed')
    expect(await enters()).toBe(true)
  })

  it('lets one probe through at a time, whose slot expires by itself', async () => {
    await failures(3)
    time.now += 1_000
    expect(await enters()).toBe(true)
    expect(await enters()).toEqual(['breaker', 1_000])
    time.now += 999
    expect(await enters()).toEqual(['breaker', 1])
    time.now += 1
    expect(await enters()).toBe(true)
  })

  it.each<GateEvent>([
    { what: 'answered' },
    { what: 'unauthorized' },
    { what: 'throttled', ms: 1 },
    { what: 'denied', cause: 'forbidden' },
  ])('closes at any answer below 500: %o', async event => {
    await failures(5)
    await gates.record(platform, event)
    expect(await gates.state(platform)).toMatchObject({ breaker: 'closed', openedAt: null })
  })

  it('tells once that it let calls through again', async () => {
    await failures(3)
    expect(await told('answered')).toEqual({ shut: false, opened: true })
    expect(await told('answered')).toEqual({ shut: false, opened: false })
  })

  it('stands before tokens too', async () => {
    await failures(3)
    expect(await gates.enter(platform)).toEqual({ cause: 'breaker', ms: 1_000 })
    time.now += 1_000
    expect(await gates.enter(platform)).toBeNull()
    expect(await enters()).toEqual(['breaker', 1_000])
  })
})

describe('a throttle', () => {
  it('makes everybody wait until its time has come', async () => {
    await gates.record(platform, { what: 'throttled', ms: 700 })
    expect(await enters()).toEqual(['throttled', 700])
    expect(await gates.enter(platform)).toEqual({ cause: 'throttled', ms: 700 })
    time.now += 700
    expect(await enters()).toBe(true)
  })

  it('is only ever moved later, and not lifted by an answer that was under way', async () => {
    await gates.record(platform, { what: 'throttled', ms: 700 })
    await gates.record(platform, { what: 'throttled', ms: 100 })
    await told('answered')
    expect(await enters()).toEqual(['throttled', 700])
  })
})

describe('a denial', () => {
  const deny = () => gates.record(platform, { what: 'denied', cause: 'forbidden' })

  it('stops everybody, with its cause and since when, and says so once', async () => {
    expect(await deny()).toEqual({ shut: true, opened: false })
    const since = time.now
    time.now += 50
    expect(await deny()).toEqual({ shut: false, opened: false })
    expect(await enters()).toEqual(['denied', 1_000])
    expect(await gates.state(platform)).toMatchObject({ denied: 'forbidden', deniedAt: since })
  })

  it('is not lifted by failures, by a refused token or by the passing of time', async () => {
    await deny()
    await told('failed', 'unauthorized')
    time.now += 1_000_000
    expect(await enters()).toEqual(['denied', 1_000])
  })

  it('lets exactly one push through once a probe was granted, within its time', async () => {
    await deny()
    await gates.record(platform, { what: 'granted', ms: 500 })
    time.now += 499
    expect(await enters()).toBe(true)
    expect(await enters()).toEqual(['denied', 1_000])
    await gates.record(platform, { what: 'granted', ms: 500 })
    time.now += 500
    expect(await enters()).toEqual(['denied', 1_000])
  })

  it('lifts itself at the first answer that is none', async () => {
    await deny()
    expect(await told('answered')).toEqual({ shut: false, opened: true })
    expect(await enters()).toBe(true)
    expect(await gates.state(platform)).toMatchObject({ denied: null, deniedAt: null })
  })

  it('grants nothing where nothing is denied', async () => {
    await gates.record(platform, { what: 'granted', ms: 500 })
    expect(await gates.state(platform)).toEqual({
      breaker: 'closed',
      openedAt: null,
      denied: null,
      deniedAt: null,
      throttledUntil: null,
    })
    expect(await enters()).toBe(true)
  })
})

describe('a ceiling on pushes', () => {
  const terms = { ...TERMS, rate: { max: 2, durationMs: 60_000 } } // Places expire by the server's own clock: no slow machine may meet that.

  it('lets so many through in any such time, over all workers, and says how long to wait', async () => {
    expect(await enters(terms)).toBe(true)
    time.now += 40_000
    expect(await enters(terms)).toBe(true)
    expect(await enters(terms)).toEqual(['ceiling', 20_000])
    time.now += 20_000
    expect(await enters(terms)).toBe(true)
    expect(await enters(terms)).toEqual(['ceiling', 40_000])
  })

  it('takes one place for a command that is sent twice', async () => {
    const order = await newOrder()
    for (let i = 0; i < 2; i++) expect(await begin(order, 'twice', { platform, terms })).toMatchObject({ go: true })
    expect(await enters(terms)).toBe(true)
    expect(await enters(terms)).toMatchObject(['ceiling', 60_000])
  })
})

it('a push learns whether the gate has anything to forget', async () => {
  const order = await newOrder()
  expect(await begin(order, 'quiet', { platform })).toMatchObject({ gateMarked: false })
  await end(order, 'quiet')
  await told('failed')
  const again = await newOrder()
  expect(await begin(again, 'loud', { platform })).toMatchObject({ gateMarked: true })
})
