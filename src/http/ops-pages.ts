import type { FastifyInstance, FastifyReply } from 'fastify'
import type { OverviewDeps } from '../ops/overview.ts'
import { SCRIPT, STYLE } from '../ops/pages/assets.ts'
import type { Html } from '../ops/pages/html.ts'
import { noOrderPage, orderListPage, orderPage } from '../ops/pages/order-page.ts'
import { overviewPage } from '../ops/pages/overview-page.ts'
import { orderPath } from '../ops/pages/page.ts'
import { rejectedPage } from '../ops/pages/rejected-page.ts'
import { readOrder, readOverview, readRejected, type ReadOrderDeps } from '../ops/read-model.ts'

const SETS = ['dirty', 'held', 'rejected', 'doubtful'] as const
const LISTED = 100

/** The pages: built on the server, whole without a script, small enough for a phone. */
export function addPages(app: FastifyInstance, deps: OverviewDeps & ReadOrderDeps): void {
  app.get('/ops.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(STYLE))
  app.get('/ops.js', (_request, reply) => reply.type('text/javascript; charset=utf-8').send(SCRIPT))
  app.get('/', async (_request, reply) => show(reply, overviewPage(await readOverview(deps))))
  app.get('/rejected', async (_request, reply) => show(reply, rejectedPage(await readRejected(deps, LISTED))))
  app.get<{ Querystring: { id?: string; state?: string } }>('/orders', async ({ query }, reply) => {
    const id = query.id?.trim() ?? ''
    if (id !== '') return reply.redirect(orderPath(id), 303)
    const set = SETS.find(name => name === query.state)
    if (set === undefined) return reply.redirect('/', 303)
    return show(reply, orderListPage(set, await deps.orders.list(set, LISTED)))
  })
  app.get<{ Params: { order_id: string } }>('/orders/:order_id', async ({ params }, reply) => {
    const view = await readOrder(deps, params.order_id)
    return view === null ? show(reply.code(404), noOrderPage(params.order_id)) : show(reply, orderPage(view))
  })
}

const show = (reply: FastifyReply, { text }: Html) => reply.type('text/html; charset=utf-8').send(text)
