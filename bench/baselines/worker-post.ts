import { Agent } from 'node:http'
import { Worker } from 'bullmq'
import { got } from 'got'
import { Redis } from 'ioredis'

/** What a push costs at the least: a bare BullMQ worker that posts each job's body as it is and looks at nothing else. */

const url = `${process.env.PLATFORM_URL}/order`
const client = got.extend({
  agent: { http: new Agent({ keepAlive: true, maxSockets: 54 }) },
  retry: { limit: 0 },
  headers: { authorization: 'Bearer bench' },
})
const worker = new Worker('change', async job => void (await client.post(url, { json: job.data })), {
  connection: new Redis(process.env.REDIS_URL ?? '', { maxRetriesPerRequest: null, enableAutoPipelining: true }),
  prefix: '{baseline}',
  concurrency: 50,
})

await worker.waitUntilReady()
process.send?.('ready')
process.once('SIGTERM', () => process.exit(0))
