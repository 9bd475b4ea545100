import { createInterface } from 'node:readline/promises'
import { Argument, type Command } from 'commander'
import { AppError } from '../errors.ts'
import {
  checkEnrollment,
  tellFault,
  type EnrollmentFault,
  type EnrollmentRow,
} from '../platforms/chargebackhit/enrollment.ts'
import { ENROLLMENT, PRODUCTS } from '../platforms/chargebackhit/wire.ts'
import { printRecord, printTable, textIn } from './print-table.ts'
import { plain, print, printJson } from './print.ts'
import { progressBar } from './progress-bar.ts'
import { BATCH, sendEnrollment, type SentRow } from './send-enrollment.ts'
import { valueOf, withChargebackhit } from './with-chargebackhit.ts'

interface EnrollFlags {
  dryRun?: boolean
  json?: boolean
}

interface DisenrollFlags {
  yes?: boolean
  json?: boolean
}

/** `chargebackhit enroll` and `disenroll`: which products watch over which merchant account. */
export function addEnrolling(chargebackhit: Command): void {
  chargebackhit
    .command('enroll')
    .description('enrol the rows of a file; every row is checked before any is sent')
    .argument('<file>', 'CSV with a header, or JSON; - reads standard input')
    .option('--dry-run', 'check the rows, send nothing')
    .option('--json', 'print JSON')
    .addHelpText('after', COLUMNS)
    .action(enroll)
  const disenroll = chargebackhit
    .command('disenroll')
    .description('end products for one card acceptor id: no more alerts of them')
    .argument('<caid-id>', 'the id that `caids list` shows')
    .addArgument(new Argument('<product...>', 'which ones').choices([...PRODUCTS]))
    .option('--yes', 'do not ask')
    .option('--json', 'print JSON')
    .action(async (id: string, products: string[], flags: DisenrollFlags) => {
      if (flags.yes !== true && !process.stdin.isTTY)
        disenroll.error('error: expected --yes, because the command cannot ask without a terminal')
      if (flags.yes !== true && !(await isMeant(id, products)))
        throw new AppError('not-confirmed', 'nothing was disenrolled')
      await end(id, products, flags)
    })
} // prettier-ignore

const COLUMNS = `
Columns: ${Object.values(ENROLLMENT).join(', ')}.
Required: required_products, psp_name, descriptor. In CSV the products and the ARNs of a row are separated by spaces or
semicolons, and support_info_merchant.website_url is a column. Rows count from 1, the header not among them.
Exit code 1 when a row has a fault (then nothing is sent), or when one was not taken.`

async function enroll(file: string, { dryRun = false, json = false }: EnrollFlags): Promise<void> {
  const { readEnrollmentFile } = await import('./enrollment-file.ts')
  const given = await readEnrollmentFile(file)
  const { rows, faults } = checkEnrollment(given)
  if (faults.length > 0) return tellFaults(faults, given.length, json)
  if (dryRun) return json ? printJson({ faults, rows: rows.length }) : print(`${count(rows)} may be sent; nothing was sent.`)
  const bar = progressBar(rows.length > BATCH, rows.length, 'rows')
  const reports = await withChargebackhit(({ api, limits }) =>
    sendEnrollment(rows, batch => api.enroll(batch, limits), done => bar.update(done)),
  ).finally(() => bar.stop())
  if (reports.some(({ status }) => status !== 'sent')) process.exitCode = 1
  tellSent(reports, rows, json)
} // prettier-ignore

function tellFaults(faults: readonly EnrollmentFault[], total: number, json: boolean): void {
  process.exitCode = 1
  if (json) return printJson({ faults, rows: total })
  for (const fault of faults) print(tellFault(fault))
  const wrong = new Set(faults.map(({ row }) => row)).size
  print(`${wrong} of ${total} rows ${wrong === 1 ? 'has a fault' : 'have faults'}; nothing was sent.`)
}

function tellSent(reports: readonly SentRow[], rows: readonly EnrollmentRow[], json: boolean): void {
  const counts: Partial<Record<SentRow['status'], number>> = {}
  for (const { status } of reports) counts[status] = (counts[status] ?? 0) + 1
  if (json) return printJson({ rows: reports, counts })
  printTable(
    ['row', 'status', ENROLLMENT.descriptor, ENROLLMENT.merchantInternalId, ENROLLMENT.requiredProducts, 'why'],
    reports.map(({ row, status, says }) => {
      const sent = rows[row - 1] ?? {}
      const products = (sent[ENROLLMENT.requiredProducts] as string[]).join(' ')
      return [`${row}`, status, textIn(sent, ENROLLMENT.descriptor), textIn(sent, ENROLLMENT.merchantInternalId), products, says]
    }),
  )
  print(`${count(rows)}: ${Object.entries(counts).map(([status, number]) => `${number} ${status}`).join(', ')}`)
  if (counts.sent !== undefined) print('`order-sync chargebackhit enrollments` shows their status.')
} // prettier-ignore

const count = (rows: readonly unknown[]) => (rows.length === 1 ? '1 row' : `${rows.length} rows`)

async function isMeant(id: string, products: readonly string[]): Promise<boolean> {
  const dialogue = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const question = `No alert of ${products.join(', ')} will come for it any more. Type its id (${plain(id)}) to go on: `
    return (await dialogue.question(question)).trim() === id
  } finally {
    dialogue.close()
  }
}

async function end(id: string, products: readonly string[], { json = false }: DisenrollFlags): Promise<void> {
  const caid = await withChargebackhit(async ({ api, limits }) => valueOf(await api.disenroll(id, products, limits)))
  if (json) return printJson(caid)
  print(`${products.join(', ')}: disenrolled.`)
  printRecord(caid)
}
