import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CONFIG_NAMES } from '../../src/config-schema.ts'
import { parseConfig } from '../../src/config.ts'
import { ALARM_NAMES, ALARMS } from '../../src/domain/alarms.ts'
import { ERROR_KINDS, ERRORS, statusOf, type ErrorCode } from '../../src/errors.ts'
import { JOBS } from '../../src/jobs/index.ts'
import { DECISION_NAMES } from '../../src/ops/read-decision.ts'
import { REFUSALS } from '../../src/redis/refusals.ts'
import { STATE_LABELS } from '../../src/ops/state-labels.ts'
import { faultRules } from '../../src/sandbox/faults.ts'
import { LINES } from '../../src/shadow-run/history.ts'

const ERROR_CODES = Object.keys(ERRORS) as ErrorCode[]
const ROOT = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const filesIn = (folder: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(path => join(folder, path))
const SOURCES = ['src', 'test', 'workers'].flatMap(filesIn).filter(path => /\.(ts|lua)$/.test(path))
const DOCUMENTS = [...readdirSync(ROOT), ...['docs', 'src', 'bench'].flatMap(filesIn)].filter(path =>
  path.endsWith('.md'),
)

/** Rows of the table between `<!-- name -->` and `<!-- /name -->`, cells without back-ticks. */
function table(path: string, name: string): string[][] {
  const section = read(path).split(`<!-- ${name} -->`)[1]?.split(`<!-- /${name} -->`)[0] ?? ''
  const rows = section.split('\n').filter(line => line.startsWith('| ') && !line.startsWith('| ---'))
  return rows.slice(1).map(line =>
    line
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim().replaceAll('`', '')),
  )
}

describe('the documents say what the code does', () => {
  it('README lists every variable, and none that does not exist', () => {
    expect(table('README.md', 'configuration').map(([name]) => name)).toEqual(CONFIG_NAMES)
  })

  it("README's defaults are the schema's", () => {
    const config = parseConfig({}, [])
    const defaults = CONFIG_NAMES.map(name => {
      const value = config[name]
      return value === undefined ? '' : value === false ? 'off' : `${value as string | number}`
    })
    expect(table('README.md', 'configuration').map(([, written]) => written)).toEqual(defaults)
  })

  it('docs/errors.md lists every error, and every kind, with its HTTP status and meaning', () => {
    const plain = (text: string) => text.replaceAll('`', '')
    expect(table('docs/errors.md', 'kinds')).toEqual(
      Object.entries(ERROR_KINDS).map(([kind, { status, meaning }]) => [kind, String(status), meaning]),
    )
    expect(table('docs/errors.md', 'errors')).toEqual(
      ERROR_CODES.map(code => [code, ERRORS[code].kind, String(statusOf(code)), plain(ERRORS[code].meaning)]),
    )
  })

  it('ARCHITECTURE lists every job', () => {
    const written = table('ARCHITECTURE.md', 'jobs').map(([name]) => name)
    expect(written).toEqual(Object.values(JOBS).map(job => job.name))
  })

  it('README lists every state of a case with its label, and every decision', () => {
    expect(table('README.md', 'states').map(([state, label]) => [state, label])).toEqual(Object.entries(STATE_LABELS))
    expect(table('README.md', 'decisions').map(([name]) => name)).toEqual(DECISION_NAMES)
  })

  it('docs/alarms.md lists every alarm with what it is about and what to do', () => {
    const plain = (text: string) => text.replaceAll('`', '')
    expect(table('docs/alarms.md', 'alarms').map(([name, about, , action]) => [name, about, action])).toEqual(
      ALARM_NAMES.map(name => [name, ALARMS[name].about, plain(ALARMS[name].action)]),
    )
  })

  it('docs/redis.md lists every refusal with what it means and what to do', () => {
    const written = table('docs/redis.md', 'refusals')
    expect(written).toEqual(Object.entries(REFUSALS).map(([name, { says, remedy }]) => [name, says, remedy]))
  })

  it('docs/shadow-run.md lists every line of a history with its fields, optional ones marked', () => {
    const fieldsOf = ([type, { shape }]: [string, (typeof LINES)[keyof typeof LINES]]) => [
      type,
      Object.entries(shape)
        .map(([name, field]) => (field.safeParse(undefined).success ? `${name}?` : name))
        .toSorted(),
    ]
    const written = table('docs/shadow-run.md', 'lines').map(([type, fields]) => [type, fields?.split(', ').toSorted()])
    expect(written).toEqual(Object.entries(LINES).map(fieldsOf))
  })

  it('every fault that the sandbox README names is one', () => {
    const names =
      read('src/sandbox/README.md')
        .split('Faults: ')[1]
        ?.split(';')[0]
        ?.match(/(?<=`)[a-z-]+(?=`)/g) ?? []
    expect(names.length).toBeGreaterThan(5)
    const extras: Record<string, object> = { status: { status: 500 }, slow: { ms: 1 }, 'late-commit': { ms: 1 } }
    const unknown = names.filter(
      kind => !faultRules.safeParse({ rules: [{ fault: { kind, ...extras[kind] } }] }).success,
    )
    expect(unknown).toEqual([])
  })

  it('every file that a document links to exists', () => {
    const linked = DOCUMENTS.flatMap(path =>
      [...read(path).matchAll(/\]\(((?!http)[^)#]+)\)/g)].map(([, target = '']) => join(dirname(path), target)),
    )
    expect(linked.length).toBeGreaterThan(20)
    expect(linked.filter(path => !existsSync(join(ROOT, path)))).toEqual([])
  })

  it('docs/rules.md has every rule that the code refers to, and names files that exist', () => {
    const rules = read('docs/rules.md')
    const cited = SOURCES.flatMap(path => [...read(path).matchAll(/\brule (\d+)/gi)].map(([, number]) => number!))
    expect(cited.length).toBeGreaterThan(5)
    expect(cited.filter(number => !new RegExp(`^ ?${number}\\. \\*\\*`, 'm').test(rules))).toEqual([])
    const named = [...rules.matchAll(/`([a-z-]+\/[a-z/-]+\.(?:ts|lua))`/g)].map(([, path]) => `src/${path!}`)
    expect(named.length).toBeGreaterThan(5)
    expect(named.filter(path => !existsSync(join(ROOT, path)))).toEqual([])
  })
})
