import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Deps } from '../deps.ts'
import { isAlarmName } from '../domain/alarms.ts'
import { readAlarm } from '../ops/alarms.ts'
import { findCases, listCases, readCursor } from '../ops/list-cases.ts'
import { isoTime } from '../ops/iso-time.ts'
import type { OverviewDeps } from '../ops/overview.ts'
import { SCRIPT, STYLE } from '../ops/pages/assets.ts'
import { alarmPage, noAlarmPage } from '../ops/pages/alarm-page.ts'
import { caseListPage } from '../ops/pages/case-list-page.ts'
import { casePage, noCasePage } from '../ops/pages/case-page.ts'
import type { Html } from '../ops/pages/html.ts'
import { noOrderPage, orderListPage, orderPage } from '../ops/pages/order-page.ts'
import { overviewPage } from '../ops/pages/overview-page.ts'
import { orderPath } from '../ops/pages/page.ts'
import { rejectedPage } from '../ops/pages/rejected-page.ts'
import { readCase, type ReadCaseDeps } from '../ops/read-case.ts'
import { readOrder, readOverview, readRejected, type ReadOrderDeps } from '../ops/read-model.ts'
import { offsetOf } from './ops-alarms.ts'
import { isState, textOf } from './ops-cases.ts'

export type PageDeps = OverviewDeps & ReadOrderDeps & ReadCaseDeps & Pick<Deps, 'alertHooks' | 'events'>

const SETS = ['dirty', 'held', 'rejected', 'doubtful'] as const
const LISTED = 100

/** The pages: built on the server, whole without a script, small enough for a phone. */
export function addPages(app: FastifyInstance, deps: PageDeps): void {
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
  addCasePages(app, deps)
  app.get<{ Params: { name: string }; Querystring: { offset?: unknown } }>(
    '/alarms/:name',
    async ({ params: { name }, query }, reply) => {
      const now = await deps.health.now()
      const read = isAlarmName(name) ? await readAlarm(deps, name, { now, offset: offsetOf(query.offset) }) : null
      return read === null ? show(reply.code(404), noAlarmPage(name)) : show(reply, alarmPage(read))
    },
  )
  app.get<{ Params: { order_id: string } }>('/orders/:order_id', async ({ params }, reply) => {
    const view = await readOrder(deps, params.order_id)
    return view === null ? show(reply.code(404), noOrderPage(params.order_id)) : show(reply, orderPage(view))
  })
}

type Asked = { Querystring: { q?: unknown; state?: unknown; cursor?: unknown } }

function addCasePages(app: FastifyInstance, deps: PageDeps): void {
  app.get<Asked>('/cases', async ({ query }, reply) => {
    const [q, at] = [textOf(query.q), isoTime(await deps.health.now())]
    if (q !== '') {
      const found = await findCases(deps, q)
      const [only] = found
      if (found.length === 1 && only) return reply.redirect(`/cases/${encodeURIComponent(only.id)}`, 303)
      return show(reply, caseListPage({ q, state: null, cases: found, cursor: null, at }))
    }
    const asked = textOf(query.state)
    const state = isState(asked) ? asked : null
    const listed = await listCases(deps, { state, limit: LISTED, cursor: readCursor(textOf(query.cursor)) })
    return show(reply, caseListPage({ q, state, ...listed, at }))
  })
  app.get<{ Params: { id: string } }>('/cases/:id', async ({ params }, reply) => {
    const view = await readCase(deps, params.id)
    return view === null ? show(reply.code(404), noCasePage(params.id)) : show(reply, casePage(view))
  })
}

const show = (reply: FastifyReply, { text }: Html) => reply.type('text/html; charset=utf-8').send(text)
