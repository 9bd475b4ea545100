import type { Found, Place } from './mutant.ts'
import { OPERATORS, type Change } from './operators.ts'
import type { Siblings } from './sibling-texts.ts'
import { child, children, parseTypeScript, walk, type Node } from './syntax.ts'

/** Types are no behaviour; these alone hold an expression. */
const HOLDING = ['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression']

/** Finds every mutant of a TypeScript file. */
export function mutateTypeScript(file: string, source: string, siblings: Siblings): Found[] {
  const found: Found[] = []
  walk(parseTypeScript(file, source), (node, parents) => {
    if (isType(node) || isName(node, parents[0]) || namesModule(node)) return false
    const changes = OPERATORS.flatMap(operator => operator({ node, parents, source, file, siblings }))
    found.push(...changes.map(change => placed(change, node, parents)))
    return true
  })
  return found
}

/** Imports, and exports of another file. */
const namesModule = (node: Node) => child(node, 'source') !== null

const isType = ({ type }: Node) => type.startsWith('TS') && !HOLDING.includes(type)

/** A key that is written as a text names a property; it is no value. */
const isName = (node: Node, parent: Node | undefined) =>
  parent !== undefined && parent.computed !== true && child(parent, 'key') === node && parent.shorthand !== true

function placed({ operator, edit, at }: Change, node: Node, parents: readonly Node[]): Found {
  const { start, end } = at ?? node
  if (isStatement(node) && at === undefined) return { operator, edit, place: { kind: 'statement', start, end } }
  return { operator, edit, place: at === undefined ? placeOf(node, parents) : { kind: 'expression', start, end } }
}

const isStatement = ({ type }: Node) => type.endsWith('Statement')

/** A part of an optional chain ends with it: the switch is put around the whole chain, or it would not end early any more. */
function placeOf(node: Node, parents: readonly Node[]): Place {
  let inner = node
  for (const parent of parents) {
    if (parent.type === 'ChainExpression') return { kind: 'expression', start: parent.start, end: parent.end }
    const isLink = ['object', 'callee', 'expression'].some(key => children(parent, key)[0] === inner)
    if (!isLink || !['MemberExpression', 'CallExpression', 'TSNonNullExpression'].includes(parent.type)) break
    inner = parent
  }
  return { kind: 'expression', start: node.start, end: node.end }
}
