import { plain, print } from './print.ts'

/** A value for a table; what is null or absent shows as nothing. */
export type Cell = string | null | undefined

const GAP = '  '

/** Lines up rows below the names of their columns. Columns that are empty in every row are left out. */
export function printTable(names: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const texts = rows.map(row => names.map((_, i) => plain(row[i] ?? '')))
  const columns = names.flatMap((name, i) => {
    const cells = texts.map(row => row[i] ?? '')
    return cells.every(cell => cell === '') ? [] : [{ i, width: Math.max(name.length, ...cells.map(widthOf)) }]
  })
  for (const row of [names, ...texts])
    print(columns.map(({ i, width }) => padded(row[i] ?? '', width)).join(GAP).trimEnd())
} // prettier-ignore

const widthOf = (text: string): number => Array.from(text).length
const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))

/** Every value of a record below its path, such as `info.products.rdr.status`, one a line. */
export function printRecord(record: Readonly<Record<string, unknown>>): void {
  const lines = flattened(record, '')
  const width = Math.max(0, ...lines.map(([path]) => widthOf(path)))
  for (const [path, text] of lines) print(`${padded(path, width)}${GAP}${text}`.trimEnd())
}

function flattened(value: unknown, path: string): [path: string, text: string][] {
  if (value === null || value === undefined) return []
  if (typeof value !== 'object') return [[path, textOf(value)]]
  if (Array.isArray(value) && value.every(item => typeof item !== 'object')) return [[path, value.map(textOf).join(', ')]]
  return Object.entries(value).flatMap(([name, inner]) => {
    return flattened(inner, path === '' ? plain(name) : `${path}.${plain(name)}`)
  })
} // prettier-ignore

const textOf = (value: unknown): string => plain(String(value))

/** A member that is text, as all are that a table shows. */
export function textIn(members: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = members[name]
  return typeof value === 'string' ? value : null
}
