/**
 * Every path and name of Chargebackhit's wire, in this one place: much of it is not in the vendor's reference, whose copy has
 * the nested objects folded up. Marks: [R] the vendor's own reference or guide; [S] an unattributed public example that is
 * newer than the reference and contradicts it in places; [I] inferred. A name marked [S] or [I] may turn out another.
 */

/** The headers of every request, both ways [R]. Node.js gives and takes header names in lower case. */
export const SIGNATURE_HEADER = 'signature'
/** See `SIGNATURE_HEADER`. Its underscore is dropped by proxies that are not told to let it through. */
export const PUBLIC_KEY_HEADER = 'public_key'

/**
 * Folders below the base address. [R] for `integration`, `alerts`, `caids`, `import` and `caids/list`; the other parts and all
 * methods are [S]. What stands after an id is in `ACTIONS`.
 */
export const PATHS = {
  generateAlert: '/api/v2/integration/alerts/generate',
  validateOutcome: '/api/v2/integration/alerts/validate',
  alerts: '/api/v2/alerts',
  merchants: '/api/v2/merchants',
  caids: '/api/v2/caids',
  enroll: '/api/v2/import/mids/batch-create',
  listEnrollments: '/api/v2/import/mids/list',
} as const

/** What stands after a folder, or after an id in it. */
export const ACTIONS = { list: 'list', updateOutcome: 'update-outcome', disenroll: 'disenroll' } as const

/** The one thing a CAID may be asked to include, and the query that asks for it [R]. */
export const INCLUDE_ACTIVITIES = '?include=caid.activities'

/** Product codes: five shown and two folded up [R], named by [S]; `paypal` came later [S], that there are such alerts [R]. */
export const PRODUCTS = [
  'ethoca',
  'rdr',
  'oi',
  'cdrn',
  'consumer-clarity',
  'visa-dispute',
  'visa-fraud',
  'paypal',
] as const

export type Product = (typeof PRODUCTS)[number]

/** The whole set of alert types [R]: Prevent (two), Resolve (two), Inform (two). New ones may come, and only by opt-in [R]. */
export const ALERT_TYPES = [
  'inquiry',
  'prevented',
  'init-refund',
  'resolved',
  'fraud-notification',
  'dispute-notification',
] as const

export type AlertType = (typeof ALERT_TYPES)[number]

/** The three parts of a webhook, of an alert that is read and of one that is generated [R]. */
export const RECORD = { alert: 'alert', transaction: 'transaction', merchant: 'merchant' } as const

/** Members of `alert` [S], but `outcome`, `mcc`, `descriptor`, `reason_code` and `rdr.pricing_tier` [R]. */
export const ALERT = {
  id: 'id',
  type: 'type',
  product: 'product',
  provider: 'provider',
  /** When it was published, RFC 3339. */
  date: 'date',
  /** Decimal text; that it is always text is [S]. */
  amount: 'amount',
  /** ISO 4217. */
  currency: 'currency',
  /** Set once it was answered, in what is read; empty or absent in a webhook. */
  outcome: 'outcome',
  cardAcceptorId: 'card_acceptor_id',
  acquirerBin: 'acquirer_bin',
  mcc: 'mcc',
  descriptor: 'descriptor',
  reasonCode: 'reason_code',
  reasonGroup: 'reason_group',
  rdr: 'rdr',
  pricingTier: 'pricing_tier',
} as const

/** Members of `transaction`, all [S]; that all but `bin` and `card_brand` exist is [R]. */
export const TRANSACTION = {
  /** The merchant's own id of it. */
  merchantId: 'transaction_merchant_id',
  /** The network's. */
  id: 'transaction_id',
  date: 'date',
  amount: 'amount',
  currency: 'currency',
  type: 'type',
  cardBrand: 'card_brand',
  bin: 'bin',
  lastFour: 'last_four',
  authCode: 'auth_code',
  arn: 'arn',
} as const

/** Members of `merchant`, all [S]; that they exist is [R]. */
export const MERCHANT = { id: 'id', internalId: 'internal_id', descriptor: 'descriptor', name: 'name' } as const

/** The parts of an answer [R]. An inquiry's wants `customer` and `products`; `outcome` is wanted where it is updated. */
export const ANSWER = {
  outcome: 'outcome',
  order: 'order',
  customer: 'customer',
  transactions: 'transactions',
  products: 'products',
  merchant: 'merchant',
} as const

/** Members of an answer's `order`, all [S] but `order_id` [R]; what an inquiry is answered with beside it is in `answer-wire.ts`. */
export const ANSWER_ORDER = { orderId: 'order_id' } as const

/** Filters of the list of alerts [S]; the reference speaks of their kinds. Lists of text, but the times (RFC 3339). */
export const ALERT_FILTERS = {
  ids: 'ids',
  merchantIds: 'merchant_ids',
  merchantInternalIds: 'merchant_internal_ids',
  orderIds: 'order_ids',
  transactionIds: 'transaction_ids',
  transactionMerchantIds: 'transaction_merchant_ids',
  createdAtFrom: 'created_at_from',
  createdAtTo: 'created_at_to',
  alertDateFrom: 'alert_date_from',
  alertDateTo: 'alert_date_to',
  currencies: 'currencies',
  types: 'types',
  outcomes: 'outcomes',
  providers: 'providers',
  products: 'products',
  bin: 'bin',
  lastFour: 'last_four',
  descriptors: 'descriptors',
} as const

/** The field that lists are sorted by where the order matters [S]; only indexed fields can be [R]. */
export const CREATED_AT = 'created_at'

/** Filters of the list of merchants: `ids` and `internal_ids` [S]; the others in kind [R]. */
export const MERCHANT_FILTERS = {
  ids: 'ids',
  internalIds: 'internal_ids',
  descriptors: 'descriptors',
  names: 'names',
} as const

/** Filters of the list of CAIDs [S]. */
export const CAID_FILTERS = {
  merchantIds: 'merchant_ids',
  statuses: 'statuses',
  descriptors: 'descriptors',
  pspNames: 'psp_names',
  caids: 'caids',
  bins: 'bins',
} as const

/** Filters of the list of enrolments [I]: the reference speaks of these three without naming them. */
export const ENROLLMENT_FILTERS = {
  merchantInternalIds: 'merchant_internal_ids',
  statuses: 'statuses',
  descriptions: 'descriptions',
} as const

/** Members of a list's request [R], of its `pagination` and of the answer's [S]. */
export const LIST = {
  filter: 'filter',
  sort: 'sort',
  pagination: 'pagination',
  data: 'data',
  /** In the answer's `pagination`; absent or empty at the end. */
  nextPageToken: 'next_page_token',
} as const

/** Members of an enrolment's row [R], but the last three [S]. */
export const ENROLLMENT = {
  requiredProducts: 'required_products',
  merchantInternalId: 'merchant_internal_id',
  cardAcceptorId: 'card_acceptor_id',
  acquirerBin: 'acquirer_bin',
  pspName: 'psp_name',
  mcc: 'mcc',
  descriptor: 'descriptor',
  description: 'description',
  arns: 'arns',
  supportInfoMerchant: 'support_info_merchant',
  paypalMerchantId: 'paypal_merchant_id',
  integrationForMatching: 'integration_for_matching',
} as const

/** What a row that was sent has besides, when it is listed [R]. */
export const ENROLLED = { id: 'id', status: 'status', importMessage: 'import_message' } as const

/** Where an enrolment stands [R]: queued, awaiting something, done, failed, refused. */
export const ENROLLMENT_STATUSES = ['new', 'accepted', 'success', 'error', 'rejected'] as const

/** Members of a CAID: `id`, `info.products.{product}` with its `status` and `failure_reason` [R]; the others [I]. */
export const CAID = {
  id: 'id',
  internalId: 'internal_id',
  cardAcceptorId: 'card_acceptor_id',
  acquirerBin: 'acquirer_bin',
  descriptor: 'descriptor',
  info: 'info',
  products: 'products',
  status: 'status',
  failureReason: 'failure_reason',
} as const

/** Members of an enrolment's `support_info_merchant` [S]. */
export const SUPPORT_INFO = { websiteUrl: 'website_url' } as const

/** An ARN as enrolment takes it, and how many are given where any are [R]. */
export const ENROLLMENT_ARN = /^.4.{21}$/s
/** See `ENROLLMENT_ARN`. */
export const ENROLLMENT_ARNS = { min: 3, max: 10 } as const
