import { afterAll, afterEach } from 'vitest'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { deleteKeys, testNamespace } from './no-leftovers.ts'

/** What each test of a file opens is ended after it, last first, and its keys are deleted. */
export interface Scratch {
  redisUrl: string
  /** How to end what the running test has opened. */
  endings: (() => Promise<unknown>)[]
  /** A namespace that nobody had before. */
  nextNamespace: () => string
}

export function useScratch(): Scratch {
  const { namespace, redisUrl } = testNamespace()
  const cleaner = connectRedis(redisUrl, `${namespace}:cleaner`, 'patient')
  const endings: Scratch['endings'] = []
  let count = 0
  afterEach(async () => {
    for (const end of endings.splice(0).toReversed()) await end()
    await deleteKeys(cleaner, `{${namespace}-*`)
  })
  afterAll(() => closeRedis(cleaner))
  return { redisUrl, endings, nextNamespace: () => `${namespace}-${(count += 1)}` }
}
