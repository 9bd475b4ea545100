import { child, children, parseTypeScript, stringOf, walk, type Node } from './syntax.ts'

/** A literal of a union → another one of the same union; a text that is of no union is not in it. */
export type Siblings = (text: string, file: string) => string | undefined

/**
 * Reads which texts are alternatives of each other from the unions of literals, the discriminating properties of unions of
 * objects, and the lists of texts in `files` (path, source). A text of several unions belongs to that of its own file, else to
 * the first.
 */
export function siblingsIn(files: readonly (readonly [string, string])[]): Siblings {
  const groups = files.flatMap(([file, source]) =>
    groupsOf(parseTypeScript(file, source)).map(texts => ({ file, texts })),
  )
  return (text, file) => {
    const having = groups.filter(({ texts }) => texts.includes(text))
    const group = having.find(one => one.file === file) ?? having[0]
    if (group === undefined) return undefined
    return group.texts[(group.texts.indexOf(text) + 1) % group.texts.length]
  }
}

function groupsOf(program: Node): string[][] {
  const groups: string[][] = []
  walk(program, node => {
    if (node.type === 'TSUnionType') groups.push(literalsOf(node), ...discriminators(node))
    if (node.type === 'ArrayExpression') groups.push(listOf(node))
  })
  return groups.map(texts => [...new Set(texts)]).filter(texts => texts.length > 1)
}

const literalsOf = (type: Node | null): string[] => {
  if (type === null) return []
  if (type.type === 'TSLiteralType') return [stringOf(child(type, 'literal'))].filter(text => text !== null)
  return type.type === 'TSUnionType' ? children(type, 'types').flatMap(literalsOf) : []
}

/** `{ do: 'wait' } | { do: 'send' }` → wait, send. */
function discriminators(union: Node): string[][] {
  const byName = new Map<string, string[]>()
  for (const member of children(union, 'types').flatMap(one => children(one, 'members'))) {
    const name = child(member, 'key')?.name
    const annotation = child(member, 'typeAnnotation')
    if (typeof name !== 'string' || annotation === null) continue
    byName.set(name, [...(byName.get(name) ?? []), ...literalsOf(child(annotation, 'typeAnnotation'))])
  }
  return [...byName.values()]
}

function listOf(array: Node): string[] {
  const texts = children(array, 'elements').map(stringOf)
  return texts.every(text => text !== null) ? texts : []
}
