import { isUtf8 } from 'node:buffer'
import { CsvError, parse } from 'csv-parse/sync'
import { AppError } from '../errors.ts'
import { ENROLLMENT } from '../platforms/chargebackhit/wire.ts'
import { jsonIn, readInput } from './read-input.ts'

/** Columns whose cells hold several values, with spaces or semicolons between them. */
const LISTS: ReadonlySet<string> = new Set([ENROLLMENT.requiredProducts, ENROLLMENT.arns])

/**
 * The rows of an enrolment file as they stand there, unchecked: JSON (one row or an array; numbers become their text) or CSV
 * with a header; by the file's name, else by how it begins. `-` reads standard input. Throws `AppError`: `file_unreadable`,
 * `file_invalid`.
 */
export async function readEnrollmentFile(file: string): Promise<unknown[]> {
  const bytes = await readInput(file)
  const rows = isJson(file, bytes) ? jsonRows(bytes, file) : csvRows(bytes, file)
  if (rows.length === 0) throw invalid(file, 'holds no row')
  return rows
}

const BOM = /^\uFEFF/

function isJson(file: string, bytes: Buffer): boolean {
  if (/\.json$/i.test(file)) return true
  return !/\.csv$/i.test(file) && /^\s*[[{]/.test(bytes.subarray(0, 100).toString('utf8').replace(BOM, ''))
}

function jsonRows(bytes: Buffer, file: string): unknown[] {
  const start = BOM.test(bytes.subarray(0, 3).toString('utf8')) ? 3 : 0
  const value = jsonIn(bytes.subarray(start), file, 'all')
  return Array.isArray(value) ? value : [value]
}

function csvRows(bytes: Buffer, file: string): unknown[] {
  if (!isUtf8(bytes)) throw invalid(file, 'expected UTF-8 text; save it in that encoding')
  const text = bytes.toString('utf8').replace(BOM, '')
  const [header = [], ...lines] = readCsv(text, file)
  const twice = header.find((name, i) => header.indexOf(name) < i)
  if (twice !== undefined)
    throw invalid(file, `column ${header.lastIndexOf(twice) + 1} has the name of an earlier one; leave one of them out`)
  return lines.map(cells => rowOf(header, cells))
}

function readCsv(text: string, file: string): string[][] {
  try {
    return parse(text, {
      delimiter: delimiterOf(text),
      trim: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
    })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const { lines } = error as CsvError & { lines?: number }
    throw invalid(`${file}, line ${lines ?? '?'}`, WRONG[error.code] ?? 'expected CSV; check its quotes')
  }
}

const WRONG: Partial<Record<CsvError['code'], string>> = {
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'expected as many values as the header has names; check its commas and quotes',
  CSV_QUOTE_NOT_CLOSED: 'expected the closing quote of a value',
}

/** Spreadsheets write what their country has between values; the header tells. */
function delimiterOf(text: string): string {
  const header = /^[^\r\n]*/.exec(text.trimStart())?.[0] ?? ''
  return [',', ';', '\t'].find(sign => header.includes(sign)) ?? ','
}

/** Empty cells are no values; `a.b` is column `b` within `a`. */
function rowOf(header: readonly string[], cells: readonly string[]): unknown {
  const entries: [string, unknown][] = []
  const inner = new Map<string, [string, unknown][]>()
  for (const [i, name] of header.entries()) {
    const cell = cells[i] ?? ''
    if (cell === '') continue
    const [outer = '', ...below] = name.split('.')
    if (below.length === 0) entries.push([name, LISTS.has(name) ? cell.split(/[\s;]+/).filter(Boolean) : cell])
    else inner.set(outer, [...(inner.get(outer) ?? []), [below.join('.'), cell]])
  }
  for (const [outer, parts] of inner) entries.push([outer, Object.fromEntries(parts)])
  return Object.fromEntries(entries)
}

const invalid = (where: string, message: string) => new AppError('file-invalid', `${where}: ${message}`)
