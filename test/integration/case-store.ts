import { afterAll, afterEach, beforeEach } from 'vitest'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { createCaseStore } from '../../src/store/case-store.ts'
import { keysOf } from '../../src/store/keys.ts'
import { deleteKeys, testNamespace } from '../support/no-leftovers.ts'
import { runTwice } from '../support/run-twice.ts'

export const START = 1_770_000_000_000

/** Cases in Redis under a clock that stands still unless it is moved; each test has keys of its own. */
export function useCaseStore() {
  const { namespace, redisUrl } = testNamespace()
  const connection = connectRedis(redisUrl, namespace, 'patient')
  const redis = runTwice(connection, `{${namespace}*`)
  afterAll(() => closeRedis(connection))
  afterEach(() => deleteKeys(redis, `{${namespace}-*`))
  const time = { now: START }
  let count = 0
  const open = () => {
    const keys = keysOf(`${namespace}-${(count += 1)}`)
    return { keys, cases: createCaseStore(redis, { keys, clock: () => time.now }) }
  }
  const store = { redis, time, ...open() }
  beforeEach(() => {
    Object.assign(store, open())
    time.now = START
  })
  return store
}
