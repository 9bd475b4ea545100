import { describe, expect, it } from 'vitest'
import { createHttpClient } from '../../src/http-client.ts'
import { createMidigatorAuth } from '../../src/platforms/midigator/auth.ts'
import type { Admission } from '../../src/platforms/platform.ts'
import { createTokenStore } from '../../src/store/token-store.ts'
import { usePipelines, type Pipeline } from './pipeline.ts'

const newPipeline = usePipelines()

const authCalls = ({ sandbox }: Pipeline) => sandbox.inbox.requests().filter(({ call }) => call === 'auth').length
const generationOf = (admission: Admission) => ('access' in admission ? admission.access.generation : admission.verdict)

/** What one process has to renew tokens with; `tokens` may be slowed down. */
function authOf({ deps, sandbox }: Pipeline, tokens = createTokenStore(deps.redis, deps.keys)) {
  const http = createHttpClient(4)
  const auth = createMidigatorAuth({
    url: sandbox.dataUrl,
    username: 'sandbox_user',
    password: '4f86fed3605b647f948a69ec6bcf728d',
    timeoutMs: 1_000,
    throttleMaxMs: 1_000,
    http,
    tokens,
    onRenewal: () => {},
  })
  return { ...auth, close: () => http.close() }
}

describe('a token', () => {
  it('is asked for once, however many want it in one process and in others', async () => {
    const pipeline = await newPipeline()
    const [one, other] = [authOf(pipeline), authOf(pipeline)]
    const admissions = await Promise.all([one, one, one, other, other].map(auth => auth.renew(null)))
    expect(admissions.map(generationOf)).toEqual([1, 1, 1, 1, 1])
    expect(authCalls(pipeline)).toBe(1)
    expect(await Promise.all([one.access(), other.access()])).toEqual(
      [one, other].map(() => expect.objectContaining({ generation: 1 })),
    )
    one.close()
    other.close()
  })

  it('that somebody else renewed meanwhile is taken as it is', async () => {
    const pipeline = await newPipeline()
    const [one, other] = [authOf(pipeline), authOf(pipeline)]
    const first = await one.renew(null)
    expect(generationOf(await other.renew('access' in first ? first.access : null))).toBe(2)
    expect(generationOf(await one.renew('access' in first ? first.access : null))).toBe(2)
    expect(authCalls(pipeline)).toBe(2)
    one.close()
    other.close()
  })

  it('that is refused is never the answer to its own renewal, though another renewal is just ending with it', async () => {
    const pipeline = await newPipeline()
    const { deps } = pipeline
    const tokens = createTokenStore(deps.redis, deps.keys)
    await tokens.put('midigator-data', 'token-1', 0)
    let goOn = () => {}
    const held = new Promise<void>(resolve => (goOn = resolve))
    const slowly = async (name: string) => {
      const token = await tokens.get(name)
      await held
      return token
    }
    const auth = authOf(pipeline, { ...tokens, get: slowly })
    const wanted = auth.renew(null)
    const renewed = auth.renew({ token: 'token-1', generation: 1 })
    goOn()
    expect(generationOf(await wanted)).toBe(1)
    expect(generationOf(await renewed)).toBe(2)
    auth.close()
  })
})
