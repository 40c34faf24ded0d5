import { isMap, isPair, isScalar, parseDocument, type Pair } from 'yaml'
import type { Schema } from './schema-parts.ts'

export interface Value {
  /** `image.tag` */
  readonly path: string
  readonly default: unknown
  /** The comment above it; empty when there is none. */
  readonly description: string
}

export interface Section {
  readonly title: string
  readonly values: readonly Value[]
}

/**
 * The values of a values.yaml, in its order: the leaves of what the schema names; a map on one line
 * is one value. Comments above a key describe it, a comment that begins with `##` begins a section.
 */
export function readValues(source: string, schema: Schema): readonly Section[] {
  const document = parseDocument(source)
  const sections: { title: string; values: Value[] }[] = []
  for (const { key, node, comment } of entries(document.contents)) {
    const blocks = comment.split(/\n{2,}/)
    for (const block of blocks) {
      const title = /^# (.*)$/.exec(block)?.[1]
      if (title !== undefined) sections.push({ title, values: [] })
    }
    const nearest = blocks.at(-1) ?? ''
    const description = nearest.startsWith('#') ? '' : nearest
    sections.at(-1)?.values.push(...leaves(key, node, description, schema.properties?.[key]))
  }
  return sections
}

function leaves(
  path: string,
  node: unknown,
  description: string,
  schema: Schema | undefined,
): readonly Value[] {
  if (schema?.properties && isMap(node) && !node.flow) {
    return entries(node).flatMap(({ key, node: child, comment }) =>
      leaves(`${path}.${key}`, child, comment.replaceAll('\n', ' '), schema.properties?.[key]),
    )
  }
  return [{ path, default: plain(node), description: description.replaceAll('\n', ' ') }]
}

interface Entry {
  readonly key: string
  readonly node: unknown
  readonly comment: string
}

function entries(map: unknown): readonly Entry[] {
  if (!isMap(map)) return []
  return map.items.filter(isPair).map((pair: Pair, index) => {
    const { key, value } = pair
    if (!isScalar(key)) throw new Error('a key of values.yaml is no text')
    // The comment above the first key belongs to the map.
    const above = key.commentBefore ?? (index === 0 ? map.commentBefore : undefined)
    return { key: String(key.value), node: value, comment: tidy(above ?? '') }
  })
}

/** The parser keeps the space after each `#`. */
function tidy(comment: string): string {
  return comment
    .split('\n')
    .map((line) => line.replace(/^ /, ''))
    .join('\n')
    .trim()
}

function plain(node: unknown): unknown {
  return isMap(node) || isScalar(node) || hasToJson(node) ? node.toJSON() : node
}

function hasToJson(node: unknown): node is { toJSON(): unknown } {
  return typeof node === 'object' && node !== null && 'toJSON' in node
}
