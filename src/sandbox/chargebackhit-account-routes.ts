import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { readAccount, readCaid } from './chargebackhit-accounts.ts'
import type { Account, Caid, ChargebackhitAccounts } from './chargebackhit-accounts.ts'
import { constraintsOf } from './chargebackhit-answer-body.ts'
import { invalid, ok, refusal, takeSigned, unknown } from './chargebackhit-call.ts'
import { enrollmentBody } from './chargebackhit-enrollment.ts'
import { listOf, oneOf, timed } from './chargebackhit-list.ts'
import type { ListRules } from './chargebackhit-list.ts'
import type { Keys } from './chargebackhit-signature.ts'
import { PRODUCTS } from './chargebackhit-wire.ts'
import type { Outcome } from './exchange.ts'
import type { CallName } from './faults.ts'
import { membersOf } from './vendor-call.ts'
import type { Desk } from './vendor-call.ts'

/** What the accounts' routes work with. */
export interface AccountRoutes {
  desk: Desk
  keys: Keys
  accounts: ChargebackhitAccounts
}

type ById = { Params: { id: string } }

const renaming = z.strictObject({ internal_id: z.string().max(500) })
const disenrolment = z.strictObject({ products: z.array(z.enum(PRODUCTS)).min(1) })

const member = (name: string) => (account: Account) => account.members[name]
const createdAt = ({ createdAt }: Account): number => createdAt
const times = { created_at_from: timed(createdAt, 'from'), created_at_to: timed(createdAt, 'to') }
const placed = { sorts: { created_at: createdAt }, seqOf: ({ seq }: Account) => seq }

const MERCHANTS: ListRules<Account> = {
  ...placed,
  filters: {
    ...times,
    ids: oneOf(({ id }) => id),
    internal_ids: oneOf(member('internal_id')),
    descriptors: oneOf(member('descriptor')),
    names: oneOf(member('name')),
  },
}

/** A CAID has a status for each product: one that fits is enough. */
const CAIDS: ListRules<Caid> = {
  ...placed,
  filters: {
    ...times,
    merchant_ids: oneOf(({ merchant }) => merchant.id),
    statuses: value => {
      const wanted = z.array(z.string()).min(1).safeParse(value)
      if (!wanted.success) return undefined
      return ({ products }) => [...products.values()].some(({ status }) => wanted.data.includes(status))
    },
    descriptors: oneOf(member('descriptor')),
    psp_names: oneOf(member('psp_name')),
    caids: oneOf(member('card_acceptor_id')),
    bins: oneOf(member('acquirer_bin')),
  },
}

const ENROLLMENTS: ListRules<Account> = {
  // The reference has no sort for this one.
  sorts: {},
  seqOf: placed.seqOf,
  filters: {
    merchant_internal_ids: oneOf(member('merchant_internal_id')),
    statuses: oneOf(member('status')),
    descriptions: oneOf(member('description')),
  },
}

function listed<Item>(
  all: readonly Item[],
  json: unknown,
  rules: ListRules<Item>,
  read: (item: Item) => unknown,
): Outcome {
  const listing = listOf(all, json, rules)
  if ('constraints' in listing) return invalid(listing.constraints)
  return ok({ data: listing.items.map(read), pagination: listing.pagination })
}

function rename<Item extends Account>(found: Item, json: unknown, read: (item: Item) => unknown): Outcome {
  const to = renaming.safeParse(json)
  if (!to.success) return invalid(constraintsOf(to.error))
  const after = { ...found, members: { ...found.members, ...to.data } }
  return ok({ data: read(after) }, () => void Object.assign(found.members, to.data))
}

function disenroll(accounts: ChargebackhitAccounts, caid: Caid, json: unknown): Outcome {
  const read = disenrolment.safeParse(json)
  if (!read.success) return invalid(constraintsOf(read.error))
  const { products } = read.data
  if (!products.every(product => caid.products.get(product)?.status === 'active'))
    return refusal(400, 'validation_status_invalid', 'status must be a valid value for a product passed in request')
  const after: Caid = { ...caid, products: new Map(caid.products) }
  for (const product of products) after.products.set(product, { status: 'inactive' })
  return ok({ data: readCaid(after) }, () => accounts.disenroll(caid, products))
}

/** Whether the query asks for the activities, in any of the ways an array is written in one; undefined where it is wrong. */
function includesActivities(query: unknown): boolean | undefined {
  const given = Object.entries(membersOf(query))
  if (given.length === 0) return false
  return given.every(([name, value]) => /^include(\[\d*\])?$/.test(name) && value === 'caid.activities') || undefined
}

/** Merchants, CAIDs and enrolments, after the reference. */
export function chargebackhitAccountRoutes(app: FastifyInstance, routes: AccountRoutes): void {
  const { accounts } = routes
  const take = (
    name: CallName,
    request: FastifyRequest,
    reply: FastifyReply,
    serve: (json: unknown) => Outcome,
  ): void => {
    const { id } = membersOf(request.params)
    takeSigned(routes, request, reply, { name, serve, ...(typeof id === 'string' && { guid: id }) })
  }
  const withMerchant = (id: string, act: (found: Account) => Outcome): Outcome => {
    const found = accounts.merchant(id)
    return found ? act(found) : unknown('merchant', id)
  }
  const withCaid = (
    request: FastifyRequest<ById>,
    act: (found: Caid, read: (caid: Caid) => unknown) => Outcome,
  ): Outcome => {
    const found = accounts.caid(request.params.id)
    const activities = includesActivities(request.query)
    if (activities === undefined) return invalid({ include: 'is not caid.activities' })
    return found ? act(found, caid => readCaid(caid, activities)) : unknown('caid', request.params.id)
  }

  app.get<ById>('/merchants/:id', (request, reply) =>
    take('merchants', request, reply, () => withMerchant(request.params.id, found => ok({ data: readAccount(found) }))),
  )
  app.patch<ById>('/merchants/:id', (request, reply) =>
    take('merchants', request, reply, json =>
      withMerchant(request.params.id, found => rename(found, json, readAccount)),
    ),
  )
  app.post('/merchants/list', (request, reply) =>
    take('merchants', request, reply, json => listed(accounts.merchants, json, MERCHANTS, readAccount)),
  )
  app.get<ById>('/caids/:id', (request, reply) =>
    take('caids', request, reply, () => withCaid(request, (found, read) => ok({ data: read(found) }))),
  )
  app.patch<ById>('/caids/:id', (request, reply) =>
    take('caids', request, reply, json => withCaid(request, (found, read) => rename(found, json, read))),
  )
  app.post<ById>('/caids/:id/disenroll', (request, reply) =>
    take('caids', request, reply, json => withCaid(request, found => disenroll(accounts, found, json))),
  )
  app.post('/caids/list', (request, reply) =>
    take('caids', request, reply, json => listed(accounts.caids, json, CAIDS, caid => readCaid(caid))),
  )
  app.post('/import/mids/batch-create', (request, reply) =>
    take('enrollments', request, reply, json => {
      const rows = enrollmentBody.safeParse(json)
      return rows.success ? ok({}, () => accounts.enroll(rows.data)) : invalid(constraintsOf(rows.error))
    }),
  )
  app.post('/import/mids/list', (request, reply) =>
    take('enrollments', request, reply, json => listed(accounts.enrollments, json, ENROLLMENTS, readAccount)),
  )
}
