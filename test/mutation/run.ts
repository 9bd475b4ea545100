/**
 * Mutation testing (`npm run test:mutation -- [paths] [--sample N] [--seed S] [--min P]`): changes one small thing of the program
 * at a time, runs the tests that reach it, and lists every change that no test noticed. See test/mutation/README.md.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { AREAS } from './areas.ts'
import { describeMutant } from './mutant.ts'
import { readOptions } from './options.ts'
import { describeScores, scoreOf, type Tried } from './report.ts'
import { chooseMutants, tryMutants } from './try-area.ts'

const root = resolve(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const print = (text: string) => process.stdout.write(`${text}\n`)

// The processes of the tests end with this one, also when a signal ends it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const options = readOptions(process.argv.slice(2))
const choices = AREAS.map(area => chooseMutants(root, area, options))
const count = choices.reduce((sum, { chosen }) => sum + chosen.length, 0)
if (options.list) for (const { chosen } of choices) for (const mutant of chosen) print(inOneLine(mutant))
else if (count === 0)
  throw new Error('no mutant was chosen: give files or folders of the areas in test/mutation/areas.ts')
else await tryAreas()

async function tryAreas(): Promise<void> {
  const began = Date.now()
  const tried: Tried[] = []
  const failing: string[] = []
  for (const choice of choices) {
    const result = await tryMutants(root, choice, options, print)
    tried.push(...result.tried)
    failing.push(...result.failing)
  }
  print(`\n${describeScores(tried, read)}`)
  const minutes = (Date.now() - began) / 60_000
  print(`\n${count} mutants in ${minutes.toFixed(1)} minutes, ${Math.round(count / minutes)} a minute`)
  if (options.json !== null) writeFileSync(options.json, JSON.stringify(tried, null, 1))
  const { score } = scoreOf(tried)
  for (const one of failing) print(`Left out, since it fails without a mutant: ${one}`)
  if (score < options.min) print(`The score is below ${options.min} %.`)
  process.exitCode = score < options.min || failing.length > 0 ? 1 : 0
}

function inOneLine(mutant: Tried['mutant']): string {
  return `${mutant.file}:${mutant.line}  ${mutant.operator}: ${describeMutant(read(mutant.file), mutant).change}`
}
