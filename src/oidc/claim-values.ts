// Finding claims and making text of them, by oauth2-proxy's rules where ours are not stricter.

export type Claims = Readonly<Record<string, unknown>>

/** A claim of exactly this name, else the end of a dotted path. Null counts as absent. */
export function lookup(claims: Claims, name: string): unknown {
  const literal = ownValue(claims, name)
  if (literal !== undefined) return literal
  return name.split('.').reduce<unknown>(ownValue, claims)
}

function ownValue(value: unknown, name: string): unknown {
  if (!isObject(value) || !Object.hasOwn(value, name)) return undefined
  return value[name] ?? undefined
}

/** Text as it is, anything else in its JSON spelling; empty for what is absent. */
export function coerceText(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : goJson(value)
}

/**
 * A list gives its items, an object its keys (ZITADEL: `{"admin": {"<org>": "<domain>"}}`), anything
 * else one group. Empty names are left out; a comma is encoded, see `encodeGroup`.
 */
export function coerceGroups(value: unknown): readonly string[] {
  const items = Array.isArray(value) ? value : isObject(value) ? Object.keys(value) : [value]
  return items.map((item) => encodeGroup(coerceText(item))).filter((name) => name !== '')
}

/**
 * Groups travel in one header, joined with commas, and readers trim each: a name with a comma or an
 * outer space could pass for another group. In such a name, and in one that looks encoded already,
 * `,`, `%` and the outer spaces are percent-encoded; lists that groups are compared with spell it so.
 */
function encodeGroup(name: string): string {
  const isPlain = !/,|^ | $|%[\dA-F]{2}/i.test(name)
  return isPlain ? name : name.replaceAll(/[,%]|^ | $/g, encodeURIComponent)
}

/** Go's `strconv.ParseBool`: what is neither true nor false is false. */
export function coerceBoolean(value: unknown): boolean {
  return ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(coerceText(value))
}

/** An integer that JSON.parse rounded: its digits are lost, and with them whom it names. */
export function isRounded(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isRounded)
  return Number.isInteger(value) && !Number.isSafeInteger(value)
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Compact, keys sorted, `<`, `>` and `&` escaped: the text that oauth2-proxy makes of a value. */
function goJson(value: unknown): string {
  const sortKeys = (_key: string, item: unknown): unknown =>
    isObject(item) ? Object.fromEntries(Object.entries(item).sort(byName)) : item
  return JSON.stringify(value, sortKeys).replaceAll(
    /[<>&]/g,
    (character) => `\\u00${character.charCodeAt(0).toString(16)}`,
  )
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}
