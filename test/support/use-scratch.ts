import { afterAll, afterEach } from 'vitest'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { deleteKeys, testNamespace } from './no-leftovers.ts'

/** What the tests of a file open is ended after each test or after the file, last first, and its keys are deleted. */
export interface Scratch {
  redisUrl: string
  /** How to end what was opened. */
  endings: (() => Promise<unknown>)[]
  /** A namespace that nobody had before. */
  nextNamespace: () => string
}

export function useScratch(until: 'test' | 'file' = 'test'): Scratch {
  const { namespace, redisUrl } = testNamespace()
  const cleaner = connectRedis(redisUrl, `${namespace}:cleaner`, 'patient')
  const endings: Scratch['endings'] = []
  let count = 0
  afterAll(() => closeRedis(cleaner))
  const afterIt = until === 'test' ? afterEach : afterAll
  afterIt(async () => {
    for (const end of endings.splice(0).toReversed()) await end()
    await deleteKeys(cleaner, `{${namespace}-*`)
  })
  return { redisUrl, endings, nextNamespace: () => `${namespace}-${(count += 1)}` }
}
