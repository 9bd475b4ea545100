import { describe, expect, it } from 'vitest'
import { judgeRollback, judgeWithoutState, type FoundEpoch, type Remembered } from '../../src/domain/rollback.ts'

const LIMIT_MS = 600_000
const AT = 1_800_000_000_000
const mine: Remembered = { epoch: 'E', count: 100, at: AT }
const found = (over: Partial<FoundEpoch> = {}): FoundEpoch => ({ epoch: 'E', before: [], count: 100, at: AT, isEmpty: false, ...over }) // prettier-ignore
const judge = (over: Partial<FoundEpoch>, remembered: Remembered | null = mine) => judgeRollback(found(over), remembered, LIMIT_MS) // prettier-ignore
const withoutState = (over: Partial<FoundEpoch>, remembered: Remembered | null = mine) => judgeWithoutState(found(over), remembered, LIMIT_MS) // prettier-ignore

describe('a lost tail and a restore are told apart', () => {
  it('with nothing remembered: the first start, or whatever is there', () => {
    expect(judge({ epoch: null, isEmpty: true }, null)).toEqual({ is: 'new' })
    expect(judge({ epoch: null }, null), 'the data of a version without epochs').toEqual({ is: 'new' })
    expect(judge({}, null)).toEqual({ is: 'adopt' })
  })

  it('by the count of the same epoch', () => {
    expect(judge({})).toEqual({ is: 'same' })
    expect(judge({ count: 101 })).toEqual({ is: 'same' })
    expect(judge({ count: 99, at: AT - 5_000 })).toEqual({ is: 'lost-tail', since: AT - 5_000 })
    expect(judge({ count: 1, at: AT - LIMIT_MS })).toEqual({ is: 'lost-tail', since: AT - LIMIT_MS })
    expect(judge({ count: 1, at: AT - LIMIT_MS - 1 })).toEqual({ is: 'restore', cause: 'older', until: AT - LIMIT_MS - 1 }) // prettier-ignore
    expect(judge({ count: 1, at: null })).toEqual({ is: 'restore', cause: 'older', until: null })
  })

  it('by the epoch', () => {
    expect(judge({ epoch: 'F', before: ['D', 'E'], count: 1 })).toEqual({ is: 'adopt' })
    expect(judge({ epoch: 'F', before: ['D'], at: 5 })).toEqual({ is: 'restore', cause: 'unknown-epoch', until: 5 })
    expect(judge({ epoch: null, at: null })).toEqual({ is: 'restore', cause: 'unknown-epoch', until: null })
    expect(judge({ epoch: null, at: null, isEmpty: true })).toEqual({ is: 'restore', cause: 'emptied', until: null })
  })

  it('a process that keeps nothing never begins a quarantine', () => {
    expect(withoutState({ epoch: null, isEmpty: true })).toEqual({ is: 'new' })
    expect(withoutState({ epoch: 'F' })).toEqual({ is: 'adopt' })
    expect(withoutState({}, null)).toEqual({ is: 'adopt' })
    expect(withoutState({ count: 99, at: AT - 5_000 })).toEqual({ is: 'lost-tail', since: AT - 5_000 })
    expect(withoutState({ count: 9, at: AT - 9 * LIMIT_MS })).toEqual({ is: 'lost-tail', since: AT - LIMIT_MS })
  })
})
