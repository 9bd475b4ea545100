import { maskCardNumbers } from '../../domain/basics/card-data.ts'
import { nearestName } from '../../domain/basics/nearest-name.ts'
import { ENROLLMENT, ENROLLMENT_ARN, ENROLLMENT_ARNS, PRODUCTS, SUPPORT_INFO, type Product } from './wire.ts'

/** A row as Chargebackhit's “Enroll MID batch” takes it: members by `ENROLLMENT`, checked by `checkEnrollment`. */
export type EnrollmentRow = Readonly<Record<string, unknown>>

/** What is wrong with a row. `row` counts from 1; `column` is empty where the row as a whole is at fault. */
export interface EnrollmentFault {
  row: number
  column: string
  /** What was expected, what was found, and never the value. */
  message: string
}

/**
 * Holds rows against what Chargebackhit publishes of an enrolment, before anything is sent: every fault of every row, and the
 * rows without their empty columns. They may be sent when there are no faults.
 */
export function checkEnrollment(given: readonly unknown[]): { rows: EnrollmentRow[]; faults: EnrollmentFault[] } {
  const rows: EnrollmentRow[] = []
  const faults: EnrollmentFault[] = []
  for (const [index, value] of given.entries()) {
    const row = readRow(value)
    if (row !== null) rows.push(row)
    const found = row === null ? [{ column: '', message: `expected columns and values, found ${shapeOf(value)}` }] : faultsOf(row)
    for (const fault of found) faults.push({ row: index + 1, ...fault })
  } // prettier-ignore
  return { rows, faults }
}

/** `row 3, arns: expected …`, for people. */
export const tellFault = ({ row, column, message }: EnrollmentFault): string =>
  `row ${row}${column === '' ? '' : `, ${column}`}: ${message}`

type Found = Omit<EnrollmentFault, 'row'>

/** What is null is as good as absent. */
function readRow(value: unknown): EnrollmentRow | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null))
}

function faultsOf(row: EnrollmentRow): Found[] {
  const faults: Found[] = []
  for (const [column, value] of Object.entries(row)) {
    const messages = CHECKS.get(column)?.(value) ?? [`is no column of an enrolment; the nearest is ${nearestName(column, COLUMNS)}`]
    for (const message of messages) faults.push({ column: maskCardNumbers(column).slice(0, LONGEST_NAME), message })
  } // prettier-ignore
  for (const column of REQUIRED) if (!(column in row)) faults.push({ column, message: 'is missing; it is required' })
  return [...faults, ...missingForProducts(row)]
}

/**
 * RDR, order insight and Visa's notifications find a merchant by card acceptor id and BIN together; for RDR alone, ARNs of the
 * descriptor's Visa payments do (Chargebackhit, “Enroll MIDs”).
 */
function missingForProducts(row: EnrollmentRow): Found[] {
  const products = listOf(row[ENROLLMENT.requiredProducts])
  const byArns = Array.isArray(row[ENROLLMENT.arns])
  const needing = products.filter(product => NEED_ACCEPTOR.has(product) && !(product === 'rdr' && byArns))
  if (needing.length === 0) return []
  const instead = needing.join() === 'rdr' ? ', or arns instead of it' : ''
  return [ENROLLMENT.cardAcceptorId, ENROLLMENT.acquirerBin]
    .filter(column => !(column in row))
    .map(column => ({ column, message: `is missing; ${[...new Set(needing)].join(', ')} cannot do without it${instead}` }))
} // prettier-ignore

const NEED_ACCEPTOR: ReadonlySet<unknown> = new Set<Product>(['rdr', 'oi', 'visa-dispute', 'visa-fraud'])

/** What the reference gives as the length of the ids among them. */
const LONGEST_TEXT = 500
const LONGEST_NAME = 60

type Check = (value: unknown) => string[]

const text: Check = value => {
  if (typeof value !== 'string') return [`expected text, found ${shapeOf(value)}`]
  if (value.trim() === '') return ['expected text, found none; leave the column out']
  if (value.length > LONGEST_TEXT)
    return [`expected at most ${LONGEST_TEXT} characters, found ${value.length}; shorten it`]
  return []
}

const bin: Check = value =>
  typeof value === 'string' && /^[0-9]{6}$/.test(value)
    ? []
    : [`expected the acquirer's six digits, found ${shapeOf(value)}; a spreadsheet may have changed the number`]

const products: Check = value => {
  const list = listOf(value)
  if (list.length === 0) return [`expected at least one of ${PRODUCTS.join(', ')}, found ${shapeOf(value)}`]
  const faults = list.flatMap((item, i) =>
    isProduct(item) ? [] : [`item ${i + 1}: expected one of ${PRODUCTS.join(', ')}, found ${near(item)}`],
  )
  return new Set(list).size < list.length ? [...faults, 'expected each product once; leave out the repeated one'] : faults
} // prettier-ignore

const near = (item: unknown) =>
  typeof item === 'string' ? `something near ${nearestName(item, PRODUCTS)}` : shapeOf(item)

const isProduct = (item: unknown): item is Product => PRODUCTS.some(product => product === item)

const arns: Check = value => {
  const { min, max } = ENROLLMENT_ARNS
  if (!Array.isArray(value)) return [`expected ${min} to ${max} ARNs, found ${shapeOf(value)}`]
  const faults = listOf(value).flatMap((arn, i) =>
    typeof arn === 'string' && ENROLLMENT_ARN.test(arn)
      ? []
      : [`item ${i + 1}: expected 23 characters with a 4, for Visa, in the second place, found ${shapeOf(arn)}`],
  )
  if (value.length >= min && value.length <= max) return faults
  return [`expected ${min} to ${max} ARNs, found ${value.length}; leave the column out to give none`, ...faults]
}

const support: Check = value => {
  const row = readRow(value)
  if (row === null) return [`expected ${SUPPORT_INFO.websiteUrl} in it, found ${shapeOf(value)}`]
  return Object.entries(row).flatMap(([name, inner]) =>
    name === SUPPORT_INFO.websiteUrl ? website(inner) : [`expected ${SUPPORT_INFO.websiteUrl} and nothing else in it`],
  )
}

const website: Check = value =>
  typeof value === 'string' && value.length <= LONGEST_TEXT && URL.canParse(value) && /^https?:/i.test(value)
    ? []
    : [`${SUPPORT_INFO.websiteUrl}: expected an address such as https://example.com, found ${shapeOf(value)}`]

const CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  [ENROLLMENT.requiredProducts, products],
  [ENROLLMENT.merchantInternalId, text],
  [ENROLLMENT.cardAcceptorId, text],
  [ENROLLMENT.acquirerBin, bin],
  [ENROLLMENT.pspName, text],
  [ENROLLMENT.mcc, text],
  [ENROLLMENT.descriptor, text],
  [ENROLLMENT.description, text],
  [ENROLLMENT.arns, arns],
  [ENROLLMENT.supportInfoMerchant, support],
  [ENROLLMENT.paypalMerchantId, text],
  [ENROLLMENT.integrationForMatching, text],
])
const COLUMNS = [...CHECKS.keys()]
const REQUIRED = [ENROLLMENT.requiredProducts, ENROLLMENT.pspName, ENROLLMENT.descriptor]

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** What it is, without saying what it says. */
function shapeOf(value: unknown): string {
  if (typeof value === 'string') return value.length === 1 ? '1 character' : `${value.length} characters`
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  return value === null || value === undefined ? 'nothing' : `a ${typeof value}`.replace('a object', 'an object')
}
