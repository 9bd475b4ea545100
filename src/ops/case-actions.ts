import type { Deps } from '../deps.ts'
import { maskCardNumbers } from '../domain/basics/card-data.ts'
import { AppError } from '../errors.ts'
import { decideCase, type Before } from '../jobs/case-decision.ts'
import { moneyText } from './case-row.ts'
import { permitWord, wordAt, type Wish } from './permit-word.ts'
import { readCase, type CaseDetails, type ReadCaseDeps } from './read-case.ts'

/** What a person's decision came to; `says` is for people. */
export type WordResult =
  | { done: 'unknown' }
  /** The state does not allow it: why, and what it does allow. */
  | { done: 'refused'; says: string }
  | { done: 'recorded'; says: string; case: CaseDetails }

export type WordDeps = ReadCaseDeps & Pick<Deps, 'jobDeps'>

/**
 * Records what a person decided about a case, with who and when, and has the case decided anew at once. Throws `AppError` when
 * the case changes faster than it can be decided about.
 */
export async function sayWord(
  deps: WordDeps,
  id: string,
  wish: Wish,
  { by, reason }: { by: string; reason: string | null },
): Promise<WordResult> {
  const stored = await deps.cases.read(id)
  if (stored === null) return { done: 'unknown' }
  const heard = { not: '', says: '' }
  const before: Before = (_facts, view) => {
    const permit = permitWord(view, stored.record, wish)
    if ('not' in permit) {
      heard.not = permit.not
      return null
    }
    heard.says = saysOf(permit.word, view.terms.refunds.mode === 'off')
    const words = reason === null ? null : maskCardNumbers(reason)
    return [{ what: 'said', at: wordAt(view), by, reason: words, ...permit.word }]
  }
  const decided = await decideCase(deps.jobDeps, id, { before })
  if (decided === 'contended')
    throw new AppError('conflict', 'contended', 'the case changes all the time; look at it, and try again in a moment')
  if (decided === 'newer')
    throw new AppError(
      'transient',
      'newer-case',
      'a newer version of this program has this case; nothing was recorded, say it there',
    )
  if (decided === 'refused') return { done: 'refused', says: heard.not }
  const seen = decided === 'unknown' ? null : await readCase(deps, id)
  return seen === null ? { done: 'unknown' } : { done: 'recorded', says: heard.says, case: seen }
}

function saysOf(word: Exclude<ReturnType<typeof permitWord>, { not: string }>['word'], isOff: boolean): string {
  switch (word.word) {
    case 'approve':
      return `the refund of ${moneyText(word.amount, word.currency)} is approved; ${isOff ? 'refunds are switched off, so it waits until they are switched on' : 'it is made now'}`
    case 'refuse':
      return 'it is recorded that this is not refunded; the alert still wants an answer'
    case 'resolve':
      return `the answer ${word.wording.type} is written down and on its way`
  }
}
