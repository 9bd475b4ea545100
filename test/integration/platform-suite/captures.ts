import { readdirSync, readFileSync } from 'node:fs'

/** A payload as it would come to the hook. */
export interface Capture {
  file: string
  raw: Buffer
}

/** The events of `test/captures/<platform>/`; a file whose name ends in `-request` is what we send. */
export function capturesOf(platform: string): Capture[] {
  const folder = new URL(`../../captures/${platform}/`, import.meta.url)
  return readdirSync(folder)
    .filter(file => file.endsWith('.json') && !file.endsWith('-request.json'))
    .toSorted()
    .map(file => ({ file, raw: readFileSync(new URL(file, folder)) }))
}

const STRANGE = { note_of_tomorrow: null, tomorrow: { flags: [true, { deep: 'x' }], count: 3 } }

/** The same payload with members that nobody knows, at every level. */
export const withUnknownMembers = (raw: Buffer): string =>
  JSON.stringify(mapObjects(JSON.parse(raw.toString('utf8')), members => ({ ...STRANGE, ...members })))

/** The same payload without white space, and its members the other way round at every level. */
export const reversed = (raw: Buffer): string =>
  JSON.stringify(
    mapObjects(JSON.parse(raw.toString('utf8')), members => Object.fromEntries(Object.entries(members).toReversed())),
  )

/** The same payload with an odd value in place of one member, once for each member and value but those that are `vital`. */
export function withOddMembers(
  raw: Buffer,
  vital: readonly string[],
  odd: readonly unknown[],
): { member: string; raw: string }[] {
  const whole = JSON.parse(raw.toString('utf8')) as Members
  return memberPaths(whole)
    .filter(path => !vital.includes(path.join('.')))
    .flatMap(path => odd.map(value => ({ member: path.join('.'), raw: JSON.stringify(put(whole, path, value)) })))
}

type Members = Record<string, unknown>
const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Members of the payload, and those of its parts. */
const memberPaths = (whole: Members): string[][] =>
  Object.entries(whole).flatMap(([name, value]) =>
    isMembers(value) ? Object.keys(value).map(inner => [name, inner]) : [[name]],
  )

const put = (whole: Members, [name = '', inner]: readonly string[], value: unknown): Members => ({
  ...whole,
  [name]: inner === undefined ? value : { ...(whole[name] as Members), [inner]: value },
})

function mapObjects(value: unknown, change: (members: object) => object): unknown {
  if (Array.isArray(value)) return value.map(item => mapObjects(item, change))
  if (typeof value !== 'object' || value === null) return value
  const inner = Object.entries(value).map(([name, member]) => [name, mapObjects(member, change)] as const)
  return change(Object.fromEntries(inner))
}
