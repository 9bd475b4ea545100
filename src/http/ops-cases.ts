import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Deps } from '../deps.ts'
import { CASE_STATES, type CaseState } from '../domain/case/view.ts'
import type { FieldError } from '../domain/change.ts'
import { recordDecision, type DecisionDeps } from '../ops/case-actions.ts'
import { listCases, readCursor } from '../ops/list-cases.ts'
import { readCase } from '../ops/read-case.ts'
import { DECISION_NAMES, readDecision, type DecisionName } from '../ops/read-decision.ts'
import { refuse } from './answers.ts'
import { userOf } from './ops-guards.ts'

const [LISTED, MAX_LISTED] = [50, 500]

type ById = { Params: { id: string } }
/** A name that is given twice in a query comes as a list. */
type Listed = { Querystring: { state?: unknown; limit?: unknown; cursor?: unknown } }

export type CaseRouteDeps = DecisionDeps & Pick<Deps, 'cases'>

/** Cases: the list, one of them, and what a person decides about it. */
export function addCaseRoutes(app: FastifyInstance, deps: CaseRouteDeps): void {
  app.get<Listed>('/api/cases', async ({ query }, reply) => {
    const asked = readListing(query)
    return 'errors' in asked ? invalid(reply, asked.errors) : listCases(deps, asked)
  })
  app.get<ById>('/api/cases/:id', async ({ params }, reply) => (await readCase(deps, params.id)) ?? unknown(reply))
  for (const name of DECISION_NAMES)
    app.post<ById>(`/api/cases/:id/${name}`, (request, reply) => takeDecision(deps, name, request, reply))
}

async function takeDecision(
  deps: CaseRouteDeps,
  name: DecisionName,
  request: FastifyRequest<ById>,
  reply: FastifyReply,
) {
  const { id } = request.params
  if ((await deps.cases.records([id])).length === 0) return unknown(reply)
  const read = readDecision(name, request.body ?? {})
  if ('errors' in read) return invalid(reply, read.errors)
  const result = await recordDecision(deps, id, read.wanted, { by: userOf(request), reason: read.reason })
  switch (result.done) {
    case 'unknown':
      return unknown(reply)
    case 'refused':
      return refuse(reply, 'not-now', result.says)
    case 'recorded':
      return { ...result.case, says: result.says }
  }
}

/** Every fault of the query by its field. */
function readListing(query: Listed['Querystring']) {
  const errors: FieldError[] = []
  const add = (field: string, message: string) => void errors.push({ field, message })
  const [state, limitText, cursorText] = [textOf(query.state), textOf(query.limit), textOf(query.cursor)]
  if (state !== '' && !isState(state)) add('state', `expected one of ${CASE_STATES.join(', ')}`)
  const limit = limitText === '' ? LISTED : Number(limitText)
  if (!/^\d{0,4}$/.test(limitText) || limit < 1 || limit > MAX_LISTED)
    add('limit', `expected a whole number, 1 to ${MAX_LISTED}`)
  const cursor = cursorText === '' ? null : readCursor(cursorText)
  if (cursor === null && cursorText !== '') add('cursor', 'expected the cursor of an earlier page, unchanged')
  return errors.length > 0 ? { errors } : { state: state === '' ? null : (state as CaseState), limit, cursor }
}

/** Text of a query; empty where it is absent, and what no value can be where it is given twice. */
export const textOf = (value: unknown): string =>
  typeof value === 'string' ? value.trim() : value === undefined ? '' : '(several)'

export const isState = (text: string): text is CaseState => CASE_STATES.some(state => state === text)

/** Refuses with what is wrong with each field. */
export const invalid = (reply: FastifyReply, errors: FieldError[]): FastifyReply =>
  refuse(reply, 'invalid', errors.map(({ field, message }) => `${field}: ${message}`).join('; '), { errors })

function unknown(reply: FastifyReply): FastifyReply {
  const message = 'expected the id of a known case, such as midigator:pre_…'
  return refuse(reply, 'not-found', message, { errors: [{ field: 'id', message }] })
}
