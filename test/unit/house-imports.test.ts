import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** One way to break each rule of import-rules.js (or of .oxlintrc.json), and words of the sentence that must answer it. */
const VIOLATIONS: [rule: string, file: string, source: string, sentence: string][] = [
  ['bullmq outside its door', 'src/http/a.ts', `import { Queue } from 'bullmq'`, 'bullmq has one door'],
  ['bullmq as a type', 'src/ops/a.ts', `export type { Job } from 'bullmq'`, 'bullmq has one door'],
  ['bullmq as an inline type', 'src/ops/b.ts', `export type J = import('bullmq').Job`, 'bullmq has one door'],
  ['bullmq loaded later', 'src/ops/c.ts', `await import('bullmq')`, 'bullmq has one door'],
  ['ioredis outside its door', 'src/queue/a.ts', `import { Redis } from 'ioredis'`, 'ioredis has one door'],
  ['got outside its door', 'src/platforms/midigator/a.ts', `import got from 'got'`, 'got has one door'],
  ['fastify outside its door', 'src/ops/d.ts', `import fastify from 'fastify'`, 'fastify has one door'],
  ['a fastify plug-in', 'src/ops/e.ts', `import auth from '@fastify/basic-auth'`, 'fastify has one door'],
  ['bull-board elsewhere', 'src/cli/a.ts', `import { c } from '@bull-board/api'`, 'bull-board belongs to operations'],
  ['lossless-json elsewhere', 'src/store/a.ts', `import { parse } from 'lossless-json'`, 'Long numbers matter'],
  ['a domain with I/O', 'src/domain/a.ts', `import { readFile } from 'node:fs'`, 'The domain is pure'],
  ['a domain that looks up', 'src/domain/b.ts', `import type { X } from '../store/x.ts'`, 'The domain is pure'],
  [
    'a job that takes for itself',
    'src/jobs/a.ts',
    `import { x } from '../store/x.ts'`,
    'A job imports the domain and types',
  ],
  [
    'a job that knows its queue',
    'src/jobs/b.ts',
    `import type { X } from '../queue/x.ts'`,
    'A job knows nothing of who',
  ],
  [
    'a worker with logic',
    'workers/a.ts',
    `import { x } from '../src/domain/x.ts'`,
    'A worker is config → deps → start → stop',
  ],
  ['a worker with a library', 'workers/b.ts', `import pino from 'pino'`, 'A worker is config → deps → start → stop'],
  ['src importing a worker', 'src/cli/b.ts', `import '../../workers/ops.ts'`, 'src imports neither workers nor test'],
  [
    'src importing a test',
    'src/store/b.ts',
    `import { x } from '../../test/support/x.ts'`,
    'src imports neither workers nor test',
  ],
  [
    'src importing the bench',
    'src/queue/b.ts',
    `import { x } from '../../bench/x.ts'`,
    'src imports neither workers nor test',
  ],
  ['a route that composes', 'src/http/b.ts', `import { deps } from '../deps.ts'`, 'Only a process composes itself'],
  ['a queue with a route', 'src/queue/c.ts', `import { x } from '../http/x.ts'`, 'This layer lies below'],
  ['a store that starts work', 'src/store/c.ts', `import { x } from '../queue/x.ts'`, 'A store holds state'],
  [
    'a platform with a store',
    'src/platforms/b.ts',
    `import { x } from '../store/x.ts'`,
    'An adapter speaks with one vendor',
  ],
  ['a source with a queue', 'src/sources/b.ts', `export * from '../queue/x.ts'`, 'An adapter speaks with one vendor'],
  [
    'a shadow run that calls',
    'src/shadow-run/a.ts',
    `import { createHttpClient } from '../http-client.ts'`,
    'A shadow run calls nothing',
  ],
  [
    'a sandbox that borrows',
    'src/sandbox/a.ts',
    `import { x } from '../domain/x.ts'`,
    'The sandbox is an independent witness',
  ],
  [
    'the environment read',
    'src/http/c.ts',
    `export const home = process.env.HOME`,
    'Only src/config.ts reads the environment',
  ],
  [
    'the environment taken whole',
    'workers/c.ts',
    `export const { env } = process`,
    'Only src/config.ts reads the environment',
  ],
  ['an import cycle', 'src/http/d.ts', `import { e } from './e.ts'\nexport const d = () => e`, 'cycle'],
  ['an import cycle, its other end', 'src/http/e.ts', `import { d } from './d.ts'\nexport const e = () => d`, 'cycle'],
  ['a cycle of types', 'src/http/f.ts', `import type { G } from './g.ts'\nexport type F = { g?: G }`, 'cycle'],
  [
    'a cycle of types, its other end',
    'src/http/g.ts',
    `import type { F } from './f.ts'\nexport type G = { f?: F }`,
    'cycle',
  ],
]

/** Imports that the rules must let pass. */
const ALLOWED: [file: string, source: string][] = [
  ['src/domain/ok.ts', `import { z } from 'zod'\nimport { x } from './x.ts'\nexport const ok = [z, x]`],
  [
    'src/jobs/ok.ts',
    `import type { X } from '../store/x.ts'\nimport { x } from '../domain/x.ts'\nexport const ok: X = x`,
  ],
  [
    'src/http/ok.ts',
    `import fastify from 'fastify'\nimport type { D } from '../deps.ts'\nexport const ok: D = fastify`,
  ],
  ['src/platforms/ok.ts', `import type { X } from '../store/x.ts'\nexport type Ok = X`],
  [
    'src/cli/ok.ts',
    `import { deps } from '../deps.ts'\nimport { x } from '../sandbox/x.ts'\nexport const ok = [deps, x]`,
  ],
  ['src/config.ts', `export const home = process.env.HOME`],
  [
    'workers/ok.ts',
    `import { runDaemon } from '../src/daemon.ts'\nimport { x } from '../src/queue/x.ts'\nexport const ok = [runDaemon, x]`,
  ],
]

type Settings = { rules: Record<string, unknown>; [part: string]: unknown }
type Finding = { filename: string; message: string; help?: string }

const IMPORT_RULES = ['order-sync/imports', 'import/no-cycle']

const root = resolve(import.meta.dirname, '../..')
const scratch = mkdtempSync(join(tmpdir(), 'order-sync-imports-'))
let findings: Finding[] = []

describe('the import rules', () => {
  beforeAll(async () => {
    cpSync(join(root, 'import-rules.js'), join(scratch, 'import-rules.js'))
    writeFileSync(join(scratch, '.oxlintrc.json'), JSON.stringify(importSettings()))
    symlinkSync(join(root, 'node_modules'), join(scratch, 'node_modules'))
    for (const [, file, source] of VIOLATIONS) put(file, source)
    for (const [file, source] of ALLOWED) put(file, source)
    findings = await lint()
  })
  afterAll(() => rmSync(scratch, { recursive: true }))

  it.each(VIOLATIONS)('forbid %s', (_rule, file, _source, sentence) => {
    expect(said(file)).toContainEqual(expect.stringContaining(sentence))
  })

  it('are all broken once above', () => {
    const table = readFileSync(join(root, 'import-rules.js'), 'utf8')
    const sentences = [...table.matchAll(/^ +say: (['"])(.+)\1,$/gm)].map(match => match[2] ?? '')
    expect(sentences.length).toBe(table.split(' say:').length - 1)
    const unbroken = sentences.filter(sentence => !VIOLATIONS.some(violation => sentence.includes(violation[3])))
    expect(unbroken).toEqual([])
  })

  it.each(ALLOWED)('let %s import what belongs to it', file => {
    expect(said(file)).toEqual([])
  })
})

function put(file: string, source: string): void {
  mkdirSync(dirname(join(scratch, file)), { recursive: true })
  writeFileSync(join(scratch, file), `${source}\n`)
}

/** This project's own settings of the linter, with nothing but the rules on imports: they need no types. */
function importSettings(): Settings {
  const settings = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as Settings
  const isOnImports = ([name]: [string, unknown]) => IMPORT_RULES.includes(name)
  return {
    ...settings,
    options: {},
    categories: { correctness: 'off' },
    rules: Object.fromEntries(Object.entries(settings.rules).filter(isOnImports)),
  }
}

/** Runs the linter over what was put there. */
async function lint(): Promise<Finding[]> {
  const oxlint = join(root, 'node_modules/oxlint/bin/oxlint')
  const { stdout } = await new Promise<{ stdout: string }>(done =>
    execFile(process.execPath, [oxlint, '--format', 'json'], { cwd: scratch }, (_, stdout) => done({ stdout })),
  )
  return (JSON.parse(stdout) as { diagnostics: Finding[] }).diagnostics
}

function said(file: string): string[] {
  return findings.filter(finding => finding.filename === file).map(({ message, help }) => `${message} ${help ?? ''}`)
}
