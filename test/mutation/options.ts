import { parseArgs } from 'node:util'

export interface Options {
  /** Files and folders to mutate; none: everything of every area. */
  paths: string[]
  /** So many mutants, drawn by `seed`; null: all. */
  sample: number | null
  seed: number
  /** The exit code is 1 below this score, in percent. */
  min: number
  /** Processes at a time; null: as many as there are cores, twice as many where tests mostly wait. */
  processes: number | null
  /** Only test files whose path matches this. */
  tests: RegExp
  /** Where every result is written as JSON; null: nowhere. */
  json: string | null
  /** Prints the mutants and tries none. */
  list: boolean
}

/** Reads the arguments of the command; throws on one that it does not know. */
export function readOptions(args: string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      sample: { type: 'string' },
      seed: { type: 'string', default: '1' },
      min: { type: 'string', default: '90' },
      processes: { type: 'string' },
      tests: { type: 'string', default: '' },
      json: { type: 'string' },
      list: { type: 'boolean', default: false },
    },
  })
  return {
    paths: positionals.map(path => path.replace(/^\.\//, '').replace(/\/$/, '')),
    sample: values.sample === undefined ? null : whole('sample', values.sample),
    seed: whole('seed', values.seed),
    min: whole('min', values.min),
    processes: values.processes === undefined ? null : Math.max(1, whole('processes', values.processes)),
    tests: new RegExp(values.tests),
    json: values.json ?? null,
    list: values.list,
  }
}

function whole(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`--${name} takes a whole number, not ${text}`)
  return Number(text)
}
