import type { Edit } from './mutant.ts'
import type { Siblings } from './sibling-texts.ts'
import { child, children, stringOf, type Node } from './syntax.ts'

/** A change of a node; `at`: the expression below it that holds the change, where that is not the node itself. */
export interface Change {
  operator: string
  edit: Edit
  at?: Node
}

interface Here {
  node: Node
  parents: readonly Node[]
  source: string
  file: string
  siblings: Siblings
}

const COMPARISONS: Record<string, string[]> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '==': ['!='],
  '!=': ['=='],
}
const ARITHMETIC: Record<string, string[]> = {
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '**': ['*'],
}
const ASSIGNMENTS: Record<string, string[]> = {
  '+=': ['-='],
  '-=': ['+='],
  '*=': ['/='],
  '/=': ['*='],
  '??=': ['='],
  '||=': ['='],
  '&&=': ['='],
}
const METHODS: Record<string, string> = {
  some: 'every',
  every: 'some',
  find: 'findLast',
  findLast: 'find',
  findIndex: 'findLastIndex',
  findLastIndex: 'findIndex',
  indexOf: 'lastIndexOf',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
  toLowerCase: 'toUpperCase',
  toUpperCase: 'toLowerCase',
  min: 'max',
  max: 'min',
}
const REMOVED = ['filter', 'toSorted', 'sort', 'toReversed', 'reverse', 'slice', 'trim', 'flat']

/** The text between two nodes is searched for the operator. */
function swapOperator({ node, source }: Here, table: Record<string, string[]>, what: string): Change[] {
  const [left, right] = [child(node, 'left'), child(node, 'right')]
  const operator = String(node.operator)
  if (left === null || right === null || !Object.hasOwn(table, operator)) return []
  const start = source.indexOf(operator, left.end)
  const end = start + operator.length
  return (table[operator] ?? []).map(text => ({ operator: what, edit: { start, end, text } }))
}

const whole = ({ start, end }: Node, text: string): Edit => ({ start, end, text })
const textOf = (node: Node | null, source: string) => (node === null ? '' : source.slice(node.start, node.end))

/** Text that is put together is no sum. */
const isText = (node: Node | null): boolean =>
  node !== null &&
  (stringOf(node) !== null ||
    node.type === 'TemplateLiteral' ||
    ['left', 'right'].some(key => isText(child(node, key))))

function comparison(here: Here): Change[] {
  return here.node.type === 'BinaryExpression' ? swapOperator(here, COMPARISONS, 'comparison') : []
}

function arithmetic(here: Here): Change[] {
  const { node, source } = here
  if (node.type === 'BinaryExpression' && !isText(node)) return swapOperator(here, ARITHMETIC, 'arithmetic')
  if (node.type === 'AssignmentExpression' && !isText(child(node, 'right')))
    return swapOperator(here, ASSIGNMENTS, 'assignment')
  if (node.type === 'UpdateExpression') {
    const other = source.slice(node.start, node.end).replace(/\+\+|--/, found => (found === '++' ? '--' : '++'))
    return [{ operator: 'arithmetic', edit: whole(node, other) }]
  }
  return []
}

function logical({ node, source }: Here): Change[] {
  if (node.type !== 'LogicalExpression') return []
  const [left, right] = [child(node, 'left'), child(node, 'right')].map(side => textOf(side, source))
  const drop = [left, right].map(side => ({ operator: 'operand dropped', edit: whole(node, side ?? '') }))
  if (node.operator === '??') return drop
  const other = { '&&': '||', '||': '&&' }[String(node.operator)] ?? ''
  const start = source.indexOf(String(node.operator), child(node, 'left')?.end)
  return [{ operator: 'and / or', edit: { start, end: start + 2, text: other } }, ...drop]
}

function unary({ node, source }: Here): Change[] {
  if (node.type !== 'UnaryExpression' || !['!', '-'].includes(String(node.operator))) return []
  const operator = node.operator === '!' ? 'negation dropped' : 'sign dropped'
  return [{ operator, edit: whole(node, textOf(child(node, 'argument'), source)) }]
}

function condition({ node }: Here): Change[] {
  const test = child(node, 'test')
  if (test === null || test.type === 'Literal' || node.type === 'SwitchCase') return []
  const isBranch = node.type === 'IfStatement' || node.type === 'ConditionalExpression'
  return (isBranch ? ['true', 'false'] : ['false']).map(text => ({
    operator: 'condition',
    edit: whole(test, text),
    at: test,
  }))
}

function literal({ node, parents, source, file, siblings }: Here): Change[] {
  if (node.type !== 'Literal') return []
  const { value } = node
  if (typeof value === 'boolean') return [{ operator: 'boolean', edit: whole(node, String(!value)) }]
  if (typeof value === 'number') {
    const others = value === 0 ? [1] : [value + 1, value - 1]
    return others.map(other => ({ operator: 'number', edit: whole(node, String(other)) }))
  }
  if (typeof value === 'bigint') return [{ operator: 'number', edit: whole(node, `${value + 1n}n`) }]
  if (typeof value !== 'string' || parents[0]?.type === 'ExpressionStatement') return []
  const sibling = siblings(value, file)
  if (sibling !== undefined) return [{ operator: 'sibling text', edit: whole(node, quoted(sibling)) }]
  // A sentence is for a person; a single term is a name that the program uses.
  return /^[\w.:@-]+$/.test(value) && textOf(node, source).length > 2
    ? [{ operator: 'text', edit: whole(node, "''") }]
    : []
}

const quoted = (text: string) => `'${JSON.stringify(text).slice(1, -1).replaceAll("'", "\\'").replaceAll('\\"', '"')}'`

function method({ node, source }: Here): Change[] {
  const callee = node.type === 'CallExpression' ? child(node, 'callee') : null
  const [object, property] = callee === null ? [null, null] : [child(callee, 'object'), child(callee, 'property')]
  if (callee?.type !== 'MemberExpression' || callee.computed === true || object === null || property === null) return []
  const name = String(property.name)
  const isMath = textOf(object, source) === 'Math'
  const swap = Object.hasOwn(METHODS, name) && (isMath || !['min', 'max'].includes(name)) ? METHODS[name] : undefined
  if (swap !== undefined) return [{ operator: 'method', edit: whole(property, swap) }]
  if (!REMOVED.includes(name)) return []
  return [{ operator: 'call dropped', edit: { start: object.end, end: node.end, text: '' } }]
}

function optional({ node, source }: Here): Change[] {
  if (node.optional !== true || !['MemberExpression', 'CallExpression'].includes(node.type)) return []
  const before = child(node, 'object') ?? child(node, 'callee')
  const start = source.indexOf('?.', before?.end)
  const text = node.type === 'MemberExpression' && node.computed !== true ? '.' : ''
  return [{ operator: 'null check dropped', edit: { start, end: start + 2, text } }]
}

const LISTS = ['BlockStatement', 'Program', 'SwitchCase']

/** Leaves out a statement, unless it is alone in a branch, which its condition leaves out already. */
function statement({ node, parents, source }: Here): Change[] {
  const [parent, above] = parents
  if (parent === undefined || !DROPPED.includes(node.type) || node.directive != null) return []
  const isAlone = parent.type === 'BlockStatement' && children(parent, 'body').length === 1
  const branch = isAlone ? above : parent
  if (branch?.type === 'IfStatement' && child(branch, 'alternate') === null) return []
  // A semicolon at the end stays: it may be the one before the next line.
  const text = source[node.end - 1] === ';' || !LISTS.includes(parent.type) ? ';' : ''
  return [{ operator: 'statement dropped', edit: whole(node, text) }]
}

const DROPPED = ['ExpressionStatement', 'ReturnStatement', 'ThrowStatement', 'BreakStatement', 'ContinueStatement']

/** Every kind of change that is made of TypeScript. */
export const OPERATORS: readonly ((here: Here) => Change[])[] = [
  comparison,
  arithmetic,
  logical,
  unary,
  condition,
  literal,
  method,
  optional,
  statement,
]
