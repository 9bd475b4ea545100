import { userInfo } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openOps, settled, type OpenOps } from '../support/open-ops.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { runCommand } from '../support/run-command.ts'

const { namespace, redisUrl } = testNamespace()
let ops: OpenOps
beforeAll(async () => void (ops = await openOps({ namespace, redisUrl })))
afterAll(() => ops.close())

const acts = async () => (await ops.get('/api/overview')).body.acts as { by: string; act: string; subject: string }[]

describe('what people did', () => {
  it('is kept with who did it, whether by the console or the command line, and shown', async () => {
    await ops.accept(settled('a-1'), settled('a-2'))
    await ops.accept({ ...settled('a-3'), occurred_at: 'soon' })
    const [rejected] = await ops.deps.rejected.list(1)
    await ops.post('/api/queues/sync-order/pause')
    await runCommand(['resume'], { env: { REDIS_URL: redisUrl, REDIS_NAMESPACE: namespace } })
    await ops.post('/api/orders/a-1/sync')
    await ops.post('/api/orders/unknown/sync')
    await ops.post('/api/queues/unknown/pause')
    await ops.post(`/api/rejected/${rejected!.id}/replay`)
    expect(await acts()).toMatchObject([
      { by: 'operator', act: 'replay', subject: rejected!.id },
      { by: 'operator', act: 'sync', subject: 'a-1' },
      { by: `cli:${userInfo().username}`, act: 'resume', subject: 'sync-order' },
      { by: 'operator', act: 'pause', subject: 'sync-order', at: expect.stringMatching(/^20.*Z$/) },
    ])
    const { text } = await ops.get('/')
    expect(text).toContain('Queue paused')
    expect(text).toContain(`cli:${userInfo().username}`)
  })

  it('names no order that was erased', async () => {
    await ops.accept(settled('secret-1'))
    await ops.post('/api/orders/secret-1/sync')
    await ops.post('/api/orders/secret-1/forget')
    expect((await acts())[0]).toMatchObject({ by: 'operator', act: 'forget', subject: null })
    expect(JSON.stringify(await ops.deps.acts.list(500))).not.toContain('secret-1')
  })

  it('is kept to the newest 500', async () => {
    await Promise.all(
      Array.from({ length: 510 }, (_, at) => ops.deps.acts.record({ at, by: 'jo', act: 'sync', subject: 'x' })),
    )
    expect(await ops.deps.acts.list(1_000)).toHaveLength(500)
  })
})
