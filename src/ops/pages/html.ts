/** A piece of HTML whose every inserted text was escaped. Only `html` makes one. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type Insert = string | number | Html | null | readonly Insert[]

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Escapes whatever is inserted, unless it is `Html` itself; null inserts nothing. Attributes must be quoted. */
export const html = (parts: TemplateStringsArray, ...inserts: Insert[]): Html =>
  new Html(parts.map((part, i) => part + (i < inserts.length ? textOf(inserts[i] ?? null) : '')).join(''))

function textOf(insert: Insert): string {
  if (insert === null) return ''
  if (insert instanceof Html) return insert.text
  if (typeof insert === 'string' || typeof insert === 'number')
    return String(insert).replace(/[&<>"']/g, char => ENTITIES[char] ?? char)
  return insert.map(textOf).join('')
}
