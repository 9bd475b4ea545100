import { Queue } from 'bullmq'
import { fastify } from 'fastify'
import { Redis } from 'ioredis'

/**
 * What a hook costs at the least: the same web server, which verifies and merges nothing and puts each body into one BullMQ job.
 * The job's id is the hook's, so that a hook sent twice is one job.
 */

const queue = new Queue('change', {
  connection: new Redis(process.env.REDIS_URL ?? '', { maxRetriesPerRequest: null, enableAutoPipelining: true }),
  prefix: '{baseline}',
})
const app = fastify({ bodyLimit: 4 * 1024 * 1024, requestTimeout: 30_000, logger: false })

app.post('/hooks/orders/:source', async (request, reply) => {
  const job = await queue.add('change', request.body, {
    jobId: String(request.headers['webhook-id']),
    attempts: 10,
    backoff: { type: 'exponential', delay: 1_000 },
    removeOnComplete: true,
  })
  return reply.code(202).send({ id: job.id })
})

app.post('/hooks/alerts/:platform', async (request, reply) => {
  const job = await queue.add('event', request.body, { attempts: 10, removeOnComplete: true })
  return reply.code(200).send({ id: job.id })
})

await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
process.send?.('ready')
process.once('SIGTERM', () => process.exit(0))
