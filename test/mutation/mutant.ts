/** One small change of one file, and where it was made. Offsets count UTF-16 units of the file's text. */
export interface Mutant {
  /** Counted over the whole run, from 1; 0 is the program as it is. */
  id: number
  /** Path in the repository. */
  file: string
  line: number
  /** What kind of change it is, for a person. */
  operator: string
  edit: Edit
  /** The expression or statement that holds the change; the switch between both texts is put there. */
  place: Place
}

/** `text` replaces what lies between `start` and `end`. */
export interface Edit {
  start: number
  end: number
  text: string
}

export interface Place {
  kind: 'expression' | 'statement'
  start: number
  end: number
}

/** A mutant before it is numbered. */
export type Found = Omit<Mutant, 'id' | 'file' | 'line'>

/** Numbers what was found in a file, from `firstId` on, in the order of the text; two that read the same are one. */
export function numbered(file: string, source: string, found: readonly Found[], firstId: number): Mutant[] {
  const sorted = found.toSorted(
    (a, b) => a.edit.start - b.edit.start || a.edit.end - b.edit.end || (a.edit.text < b.edit.text ? -1 : 1),
  )
  const seen = new Set<string>()
  const different = sorted.filter(({ edit }) => {
    const after = withEdit(source, edit)
    if (after === source || seen.has(after)) return false
    seen.add(after)
    return true
  })
  return different.map((one, i) => ({ id: firstId + i, file, line: lineOf(source, one.edit.start), ...one }))
}

/** The text after a change; `from` and `to` cut a part of it out. */
export function withEdit(source: string, { start, end, text }: Edit, from = 0, to = source.length): string {
  return source.slice(from, start) + text + source.slice(end, to)
}

const lineOf = (source: string, offset: number) => source.slice(0, offset).split('\n').length

/** The line of source that a mutant changes, trimmed, and the change in short: `a < b → a <= b`. */
export function describeMutant(source: string, { line, edit, place }: Mutant): { line: string; change: string } {
  const isShort = place.end - place.start <= 90
  const [from, to] = isShort ? [place.start, place.end] : [edit.start, edit.end]
  const before = oneLine(source.slice(from, to))
  const after = oneLine(withEdit(source, edit, Math.min(from, edit.start), Math.max(to, edit.end)))
  return {
    line: (source.split('\n')[line - 1] ?? '').trim(),
    change: `${before} → ${after.replace(/^;$/, '') || '(removed)'}`,
  }
}

const oneLine = (text: string) => {
  const line = text.trim().replace(/\s+/g, ' ')
  return line.length <= 120 ? line : `${line.slice(0, 100)} … ${line.slice(-15)}`
}
