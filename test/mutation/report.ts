import { describeMutant, type Mutant } from './mutant.ts'

export type Verdict = 'killed' | 'survived' | 'not reached'

export interface Tried {
  mutant: Mutant
  verdict: Verdict
  killedBy: string | null
}

export interface Score {
  mutants: number
  killed: number
  survived: number
  /** Percent; 100 where there is nothing to kill. */
  score: number
}

export function scoreOf(tried: readonly Tried[]): Score {
  const killed = tried.filter(({ verdict }) => verdict === 'killed').length
  const mutants = tried.length
  return { mutants, killed, survived: mutants - killed, score: mutants === 0 ? 100 : (100 * killed) / mutants }
}

/** The table by file, then each survivor with its place and its change. */
export function describeScores(tried: readonly Tried[], read: (file: string) => string): string {
  const files = [...new Set(tried.map(({ mutant }) => mutant.file))].toSorted()
  const rows = files.map(file => row(file, scoreOf(tried.filter(({ mutant }) => mutant.file === file))))
  const width = Math.max(...files.map(file => file.length), 5)
  const table = [['file', 'mutants', 'killed', 'survived', 'score'], ...rows, row('total', scoreOf(tried))].map(
    ([name = '', ...figures]) => [name.padEnd(width), ...figures.map(figure => figure.padStart(9))].join(''),
  )
  const survivors = tried.filter(({ verdict }) => verdict !== 'killed')
  const lines = survivors.map(({ mutant, verdict }) => {
    const { change } = describeMutant(read(mutant.file), mutant)
    return `${mutant.file}:${mutant.line}  ${mutant.operator}: ${change}${verdict === 'not reached' ? '  (no test reaches it)' : ''}`
  })
  return [...(lines.length > 0 ? ['Survivors', ...lines, ''] : []), ...table].join('\n')
}

const row = (name: string, { mutants, killed, survived, score }: Score) => [
  name,
  String(mutants),
  String(killed),
  String(survived),
  `${score.toFixed(1)} %`,
]
