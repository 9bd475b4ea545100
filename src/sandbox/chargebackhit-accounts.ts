import { randomUUID } from 'node:crypto'
import { SAMPLE_MERCHANT } from './chargebackhit-wire.ts'
import type { Members } from './chargebackhit-wire.ts'

/** A merchant, a CAID or an enrolment: its members, and its place in the order they were made in. */
export interface Account {
  seq: number
  id: string
  createdAt: number
  members: Members
}

/** A CAID (card acceptor id): how far each product is enrolled for it, and what happened to that. */
export interface Caid extends Account {
  merchant: Account
  products: Map<string, { status: string; failure_reason?: string }>
  activities: { product: string; status: string; created_at: string }[]
}

const SAMPLES = [
  { ...SAMPLE_MERCHANT, caids: 2 },
  {
    id: '5a0a3c6e-5f6b-4c1b-9a53-0f6f3b1f0a02',
    internal_id: 'mid_ASD67890',
    descriptor: 'SHOP*DE',
    name: 'Example Shop DE',
    caids: 1,
  },
  {
    id: '5a0a3c6e-5f6b-4c1b-9a53-0f6f3b1f0a03',
    internal_id: 'mid_ZXC13579',
    descriptor: 'SHOP*UK',
    name: 'Example Shop UK',
    caids: 2,
  },
]

/** The account's merchants, CAIDs and enrolments: samples at first, in memory. */
export class ChargebackhitAccounts {
  merchants: Account[] = []
  caids: Caid[] = []
  enrollments: Account[] = []
  #seq = 0

  constructor() {
    this.clear()
  }

  merchant(id: string): Account | undefined {
    return this.merchants.find(merchant => merchant.id === id)
  }

  caid(id: string): Caid | undefined {
    return this.caids.find(caid => caid.id === id)
  }

  /** Keeps rows as queued; nothing ever comes of them here. */
  enroll(rows: readonly Members[]): void {
    for (const row of rows)
      this.enrollments.push(this.#account(randomUUID(), { ...row, status: 'new', import_message: '' }))
  }

  /** Ends products for a CAID. */
  disenroll(caid: Caid, products: readonly string[]): void {
    for (const product of products) {
      caid.products.set(product, { status: 'inactive' })
      caid.activities.push({ product, status: 'inactive', created_at: new Date().toISOString() })
    }
  }

  /** Back to the samples. */
  clear(): void {
    this.enrollments = []
    this.merchants = SAMPLES.map(({ id, caids: _count, ...members }) => this.#account(id, members))
    this.caids = SAMPLES.flatMap(({ id, caids }) => Array.from({ length: caids }, (_, i) => this.#sampleCaid(id, i)))
  }

  #sampleCaid(merchantId: string, i: number): Caid {
    const merchant = this.merchant(merchantId)!
    const seq = this.#seq
    const base = this.#account(`7c1b0d52-2f3e-4f0a-8d11-${String(seq + 1).padStart(12, '0')}`, {
      internal_id: `caid_${String(merchant.members['internal_id']).slice(4)}_${i}`,
      card_acceptor_id: `1234567890${String(seq).padStart(2, '0')}`,
      acquirer_bin: '400005',
      psp_name: i === 0 ? 'example-psp' : 'other-psp',
      descriptor: merchant.members['descriptor'],
    })
    const products: Caid['products'] = new Map([
      ['ethoca', { status: 'active' }],
      ['cdrn', { status: 'active' }],
      ['rdr', i === 0 ? { status: 'active' } : { status: 'failed', failure_reason: 'arns_not_found' }],
    ])
    const created_at = new Date(base.createdAt).toISOString()
    const activities = [...products].map(([product, { status }]) => ({ product, status, created_at }))
    return { ...base, merchant, products, activities }
  }

  #account(id: string, members: Members): Account {
    return { seq: ++this.#seq, id, createdAt: Date.now(), members: { ...members } }
  }
}

/** A merchant or an enrolment as it is read. */
export const readAccount = ({ id, createdAt, members }: Account): Members => ({
  id,
  created_at: new Date(createdAt).toISOString(),
  ...members,
})

/** A CAID as it is read: the state of each product is below `info`, its history only where it is asked for. */
export const readCaid = (caid: Caid, withActivities = false): Members => ({
  ...readAccount(caid),
  merchant: readAccount(caid.merchant),
  info: { products: Object.fromEntries(caid.products) },
  ...(withActivities && { activities: caid.activities }),
})
