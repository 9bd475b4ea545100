import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { FastifyAdapter } from '@bull-board/fastify'
import type { FastifyError, FastifyInstance } from 'fastify'
import { QUEUE_NAMES } from '../ops/overview.ts'
import type { Queues } from '../queue/queues.ts'
import { describe, refuse, type RefusalBody } from './answers.ts'

const PATH = '/queues'
/** Its page sets its own styles inline, and would load fonts from elsewhere: that stays off. */
const CONTENT_POLICY =
  "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self' data:; base-uri 'self'; frame-ancestors 'none'"

/**
 * bull-board, to look at and not to touch: its own retry, edit, add and delete would break what keeps an order from being
 * pushed twice at once. Of a job it shows the key alone.
 */
export async function addBoard(app: FastifyInstance, queues: Queues): Promise<void> {
  const serverAdapter = new FastifyAdapter()
  serverAdapter.setBasePath(PATH)
  createBullBoard({
    queues: QUEUE_NAMES.map(name => adapterOf(queues, name)),
    serverAdapter,
    options: {
      uiConfig: {
        boardTitle: 'order-sync',
        hideRedisDetails: true,
        hideDocsLink: true,
        miscLinks: [{ text: 'Overview', url: '/' }],
      },
    },
  })
  serverAdapter.setErrorHandler(refusalOf)
  await app.register(
    async board => {
      board.addHook('onRequest', async (request, reply) => {
        void reply.header('content-security-policy', CONTENT_POLICY)
        if (request.method === 'GET' || request.method === 'HEAD') return undefined
        return refuse(reply, 'read-only', 'this page is for looking; to act use the routes under /api')
      })
      await board.register(serverAdapter.registerPlugin())
    },
    { prefix: PATH },
  )
}

function adapterOf(queues: Queues, name: string): BullMQAdapter {
  const adapter = new BullMQAdapter(queues.of(name), { readOnlyMode: true, allowRetries: false })
  adapter.setFormatter('data', (data: unknown) => keyOf(data))
  return adapter
}

/** Whatever else a job may come to carry stays off the page. */
function keyOf(data: unknown): Record<string, string> {
  const given = (data ?? {}) as Record<string, unknown>
  return Object.fromEntries(KEYS.flatMap(name => (typeof given[name] === 'string' ? [[name, given[name]]] : [])))
}

const KEYS = ['orderId', 'caseId', 'alarmId']

/** Refusals have one shape, here too; and a foreign error's own words stay inside. */
function refusalOf(error: Error): ReturnType<Parameters<FastifyAdapter['setErrorHandler']>[0]> {
  const { status, code, message, field } = describe(error as FastifyError)
  const body: RefusalBody = { code, message, errors: [{ field, message }] }
  return { status: status as 500, body: { ...body } }
}
