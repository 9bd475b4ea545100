/** A JSON number as its text, so that 10.40 or a number of twenty digits reaches the wire as it was written. */
export class WireNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text.replace(/^(-?)0+(?=\d)/, '$1')
  }

  toJSON(): string {
    return this.text
  }
}

/** JSON text of a value in which `WireNumber`s stand for numbers; members that are undefined are left out. */
export function writeJson(value: unknown): string {
  if (value instanceof WireNumber) return value.text
  if (Array.isArray(value)) return `[${value.map(item => writeJson(item)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${writeJson(member)}`).join(',')}}`
}

const MARK = '\u0000number '
/** Every string is closed, since the text is JSON; an optional quote keeps the scan from trying each quote as a beginning. */
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** Parses JSON with every number kept as a `WireNumber`; throws a SyntaxError as JSON.parse does. */
export function readJson(text: string): unknown {
  JSON.parse(text) // What is no JSON must not become some by the marks.
  const marked = text.replace(STRING_OR_NUMBER, found => (found[0] === '"' ? found : JSON.stringify(MARK + found)))
  return JSON.parse(marked, (_name, value: unknown) =>
    typeof value === 'string' && value.startsWith(MARK) ? new WireNumber(value.slice(MARK.length)) : value,
  )
}
