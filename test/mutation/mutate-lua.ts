import type { Edit, Found } from './mutant.ts'

interface Token {
  kind: 'name' | 'text' | 'number' | 'sign'
  text: string
  start: number
  end: number
}

const TOKEN =
  /(?<skipped>\s+|--[^\n]*)|(?<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<number>\d+(?:\.\d+)?)|(?<name>[A-Za-z_]\w*)|(?<sign>==|~=|<=|>=|\.\.\.?|.)/gsu

/** The tokens of a script, without spaces and comments. */
function luaTokens(source: string): Token[] {
  return [...source.matchAll(TOKEN)].flatMap(({ groups = {}, index, 0: text }) => {
    const kind = (['text', 'number', 'name', 'sign'] as const).find(name => groups[name] !== undefined)
    return kind === undefined ? [] : [{ kind, text, start: index, end: index + text.length }]
  })
}

const SWAPS: Record<string, [operator: string, ...others: string[]]> = {
  '==': ['comparison', '~='],
  '~=': ['comparison', '=='],
  '<': ['comparison', '<=', '>='],
  '<=': ['comparison', '<', '>'],
  '>': ['comparison', '>=', '<='],
  '>=': ['comparison', '>', '<'],
  and: ['and / or', 'or'],
  or: ['and / or', 'and'],
  not: ['negation dropped', ''],
  true: ['boolean', 'false'],
  false: ['boolean', 'true'],
  min: ['method', 'max'],
  max: ['method', 'min'],
  '+': ['arithmetic', '-'],
  '*': ['arithmetic', '/'],
  '/': ['arithmetic', '*'],
}

/** Commands and options of Redis, and what each is swapped for. */
const TEXTS: Record<string, string> = {
  HSET: 'HSETNX',
  HSETNX: 'HSET',
  ZADD: 'ZREM',
  SADD: 'SREM',
  SREM: 'SADD',
  NX: 'XX',
  XX: 'NX',
  LT: 'GT',
  GT: 'LT',
  '0': '1',
  '1': '0',
}

/** Finds every mutant of a Lua script; each is tried as a script of its own. */
export function mutateLua(source: string): Found[] {
  const tokens = luaTokens(source)
  const answers = answersOf(tokens)
  const changes = tokens.flatMap((token, i) => [
    ...swaps(token, tokens[i - 1]),
    ...texts(token, answers),
    ...numbers(token, tokens[i - 2]),
    ...conditions(tokens, i),
    ...statements(tokens, i, source),
  ])
  return changes.map(({ operator, edit }) => ({ operator, edit, place: lineAround(source, edit) }))
}

interface Change {
  operator: string
  edit: Edit
}

const instead = (token: Token, text: string): Edit => ({ start: token.start, end: token.end, text })

function swaps(token: Token, before: Token | undefined): Change[] {
  if (token.kind !== 'name' && token.kind !== 'sign') return []
  if (token.text === '-' && before !== undefined)
    return endsValue(before)
      ? [{ operator: 'arithmetic', edit: instead(token, '+') }]
      : [{ operator: 'sign dropped', edit: instead(token, '') }]
  if (!Object.hasOwn(SWAPS, token.text)) return []
  const [operator = '', ...others] = SWAPS[token.text] ?? []
  return others.map(other => ({ operator, edit: instead(token, other) }))
}

const KEYWORDS = [
  'and',
  'or',
  'not',
  'return',
  'then',
  'else',
  'elseif',
  'do',
  'if',
  'while',
  'until',
  'in',
  'local',
  'repeat',
]

const endsValue = ({ kind, text }: Token) =>
  kind === 'sign' ? [')', ']', '}'].includes(text) : kind !== 'name' || !KEYWORDS.includes(text)

function texts(token: Token, answers: readonly string[]): Change[] {
  if (token.kind !== 'text') return []
  const inner = token.text.slice(1, -1)
  if (Object.hasOwn(TEXTS, inner)) return [{ operator: 'sibling text', edit: instead(token, `'${TEXTS[inner]}'`) }]
  const at = answers.indexOf(inner)
  if (at >= 0) return [{ operator: 'sibling text', edit: instead(token, `'${answers[(at + 1) % answers.length]}'`) }]
  return /^[a-z][\w.-]*$/.test(inner) ? [{ operator: 'text', edit: instead(token, "''") }] : []
}

/** The texts that a script answers with: `return { 'go' }`, `return 'written'`. */
function answersOf(tokens: readonly Token[]): string[] {
  const found = tokens.flatMap(({ text }, i) => {
    const next = tokens[i + 1]?.text === '{' ? tokens[i + 2] : tokens[i + 1]
    return text === 'return' && next?.kind === 'text' ? [next.text.slice(1, -1)] : []
  })
  const different = [...new Set(found)]
  return different.length > 1 ? different : []
}

/** The number of a key or an argument is a name: one other is enough. */
function numbers(token: Token, indexed: Token | undefined): Change[] {
  if (token.kind !== 'number') return []
  const value = Number(token.text)
  const isName = indexed !== undefined && ['KEYS', 'ARGV'].includes(indexed.text)
  const others = value === 0 || isName ? [value + 1] : [value + 1, value - 1]
  return others.map(other => ({ operator: 'number', edit: instead(token, String(other)) }))
}

/** `if … then`, `elseif … then`, `while … do`. */
function conditions(tokens: readonly Token[], at: number): Change[] {
  const opened = tokens[at]
  const closes = { if: 'then', elseif: 'then', while: 'do' }[opened?.text ?? '']
  if (opened?.kind !== 'name' || closes === undefined) return []
  const end = tokens.findIndex((token, i) => i > at && token.text === closes)
  const [first, last] = [tokens[at + 1], tokens[end - 1]]
  if (first === undefined || last === undefined) return []
  const values = closes === 'then' ? ['true', 'false'] : ['false']
  return values.map(text => ({ operator: 'condition', edit: { start: first.start, end: last.end, text } }))
}

const OPENS = ['then', 'else', 'do', 'end', ')']

/** A call, or an assignment, that is a statement of its own. */
function statements(tokens: readonly Token[], at: number, source: string): Change[] {
  const [before, first] = [tokens[at - 1], tokens[at]]
  if (first?.kind !== 'name' || [...KEYWORDS, 'end', 'for', 'function', 'break'].includes(first.text)) return []
  const startsLine =
    before === undefined || (source.slice(before.end, first.start).includes('\n') && endsStatement(before))
  if (!startsLine && !(before !== undefined && OPENS.slice(0, 4).includes(before.text))) return []
  const end = endOfStatement(tokens, at, source)
  return end === null ? [] : [{ operator: 'statement dropped', edit: { start: first.start, end, text: '' } }]
}

const endsStatement = (token: Token) => endsValue(token) || ['then', 'else', 'do', 'repeat'].includes(token.text)

/** Where the statement that begins at a token ends; null when it is none that can be left out. */
function endOfStatement(tokens: readonly Token[], at: number, source: string): number | null {
  let depth = 0
  let isStatement = false
  for (let i = at; i < tokens.length; i++) {
    const [token, next] = [tokens[i]!, tokens[i + 1]]
    if ('({['.includes(token.text)) depth += 1
    if (')}]'.includes(token.text)) depth -= 1
    if (depth < 0) return null
    if (depth === 0 && (token.text === ')' || token.text === '=')) isStatement = true
    if (token.kind === 'name' && token.text === 'function') return null
    const isLast = next === undefined || (depth === 0 && endsValue(token) && isNewStatement(token, next, source))
    if (isLast) return isStatement ? token.end : null
  }
  return null
}

const isNewStatement = (token: Token, next: Token, source: string) =>
  ['end', 'else', 'elseif', 'until'].includes(next.text) ||
  (source.slice(token.end, next.start).includes('\n') && next.kind === 'name' && !['and', 'or'].includes(next.text))

function lineAround(source: string, { start, end }: Edit): Found['place'] {
  const from = source.lastIndexOf('\n', start - 1) + 1
  const to = source.indexOf('\n', end)
  return { kind: 'statement', start: from, end: to < 0 ? source.length : to }
}
