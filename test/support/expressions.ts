import { readFileSync } from 'node:fs'
import { child, children, parseTypeScript, stringOf, walk, type Node } from '../mutation/syntax.ts'

/** A regular expression of the source, as far as it can be known without running the program. */
export interface Expression {
  /** `file:line`. */
  place: string
  pattern: string
  flags: string
}

/**
 * Every regular expression written in a TypeScript file: literals, and `new RegExp(…)` of texts and templates. A constant of the same
 * file stands for its text; a value that only the running program has is taken as one letter.
 */
export function expressionsIn(file: string): Expression[] {
  const source = readFileSync(file, 'utf8')
  const program = parseTypeScript(file, source)
  const texts = new Map<string, string>()
  const found: Expression[] = []
  const placeOf = (node: Node) => `${file}:${source.slice(0, node.start).split('\n').length}`
  walk(program, node => {
    if (node.type === 'VariableDeclarator') keepConstants(node, texts)
    const regex = node['regex'] as { pattern: string; flags: string } | undefined
    if (node.type === 'Literal' && regex !== undefined) found.push({ place: placeOf(node), ...regex })
    if (node.type !== 'NewExpression' || child(node, 'callee')?.['name'] !== 'RegExp') return
    const [pattern, flags] = children(node, 'arguments')
    found.push({
      place: placeOf(node),
      pattern: textOf(pattern ?? null, texts) ?? UNKNOWN,
      flags: stringOf(flags ?? null) ?? '',
    })
  })
  return found
}

const UNKNOWN = 'x'

function keepConstants(node: Node, texts: Map<string, string>): void {
  const [target, value] = [child(node, 'id'), child(node, 'init')]
  const pairs =
    target?.type === 'ArrayPattern' && value?.type === 'ArrayExpression'
      ? children(target, 'elements').map((name, i) => [name, children(value, 'elements')[i] ?? null] as const)
      : [[target, value] as const]
  for (const [name, init] of pairs) {
    const text = textOf(init, texts)
    if (name?.type === 'Identifier' && text !== null) texts.set(String(name['name']), text)
  }
}

/** The text of a string, a number, a template or a known constant; null for anything else. */
function textOf(node: Node | null, texts: ReadonlyMap<string, string>): string | null {
  if (node?.type === 'Literal' && ['string', 'number'].includes(typeof node['value'])) return String(node['value'])
  if (node?.type === 'Identifier') return texts.get(String(node['name'])) ?? null
  const isRaw = node?.type === 'TaggedTemplateExpression'
  const template = isRaw ? child(node, 'quasi') : node
  if (template?.type !== 'TemplateLiteral') return null
  const inserts = children(template, 'expressions').map(insert => textOf(insert, texts) ?? UNKNOWN)
  const parts = children(template, 'quasis').map(quasi => (quasi['value'] as { raw: string; cooked: string })[isRaw ? 'raw' : 'cooked'])
  return parts.map((part, i) => part + (inserts[i] ?? '')).join('')
} // prettier-ignore

/** Texts that an expression finds hard, as what is repeated, what stands before and what after: near misses of the expression. */
export function* hardParts({ pattern, flags }: Expression): Generator<[unit: string, start: string, end: string]> {
  const samples = samplesOf(pattern, flags)
  const units = new Set<string>(['\\', ' ', 'a', '0'])
  for (let from = 0; from < samples.length; from++)
    for (const many of [1, 2, 3]) units.add(samples.slice(from, from + many).join(''))
  units.delete('')
  const starts = new Set(['', samples[0] ?? '', samples.slice(0, 2).join('')])
  for (const unit of units) for (const start of starts) for (const end of ['', '\u0001', ' ']) yield [unit, start, end]
}

/** A character that each atom of a pattern accepts, in order; what repeats or groups atoms is left out. */
function samplesOf(pattern: string, flags: string): string[] {
  const unicode = flags.replace(/[^uv]/g, '')
  return (pattern.match(ATOM) ?? []).flatMap(atom => {
    if (!/^[\\[.]/.test(atom)) return [atom]
    const accepts = new RegExp(`^${atom}$`, unicode)
    const sample = TRIED.find(char => accepts.test(char))
    return sample === undefined ? [] : [sample]
  })
}

const ATOM =
  /\[(?:\\.|[^\]\\])*\]|\\[pP]\{[^}]*\}|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|\\[^bBku\d]|(?<=[^\\]|^)[^\\[\](){}|*+?^$]/giu
const TRIED = 'a0 \\-_.,:;/"\'%&+*@#=<>()[]{}|!\tA\u00a0\u2013\u0001\u2028é\ufffd\ud800'.split('')
