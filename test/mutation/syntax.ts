import { parseSync, visitorKeys } from 'oxc-parser'

/** A node of a syntax tree (ESTree with TypeScript's nodes), as far as the operators read it. */
export interface Node {
  type: string
  start: number
  end: number
  [key: string]: unknown
}

/** Parses TypeScript; throws when the text is not. */
export function parseTypeScript(file: string, source: string): Node {
  const { program, errors } = parseSync(file, source)
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message ?? ''}`)
  return program as unknown as Node
}

/** The node under `key`, or null. */
export const child = (node: Node, key: string): Node | null => (isNode(node[key]) ? node[key] : null)

/** The nodes under `key`, holes left out. */
export const children = (node: Node, key: string): Node[] => {
  const value = node[key]
  return Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value

/** Visits a tree, parents first; `false` from `enter` leaves out what is below. Parents come nearest first. */
export function walk(
  node: Node,
  enter: (node: Node, parents: readonly Node[]) => boolean | void,
  parents: readonly Node[] = [],
): void {
  if (enter(node, parents) === false) return
  const above = [node, ...parents]
  for (const key of visitorKeys[node.type] ?? []) for (const below of children(node, key)) walk(below, enter, above)
}

/** The text of a string literal; null for every other node. */
export const stringOf = (node: Node | null): string | null =>
  node?.type === 'Literal' && typeof node.value === 'string' ? node.value : null
