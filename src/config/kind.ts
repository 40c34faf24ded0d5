/** A value as a source gave it, before anyone knows what it means. */
export type RawScalar = string | number | bigint | boolean
export type RawValue = RawScalar | readonly RawScalar[]

/** What is wrong and how to mend it. Never holds the value of a secret. */
export interface Fault {
  /** Reads on after the option's name: `must be ...`. */
  readonly problem: string
  readonly fix: string
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly Fault[] }
  | { readonly ok: false; readonly faults: readonly Fault[] }

export type JsonSchema = Readonly<Record<string, unknown>>

/** What an option's value may be, and how each source spells it. */
export interface Kind<T> {
  /** For people: `duration`, `list of strings`. */
  readonly type: string
  /** On the command line: one value, a switch that needs none, or a list that accumulates. */
  readonly flag: 'value' | 'switch' | 'list'
  readonly secret: boolean
  readonly schema: JsonSchema
  parse(raw: RawValue): Parsed<T>
}

export function accept<T>(value: T, warnings: readonly Fault[] = []): Parsed<T> {
  return { ok: true, value, warnings }
}

export function refuse(problem: string, fix: string): Parsed<never> {
  return { ok: false, faults: [{ problem, fix }] }
}

/** A narrower kind: `parse` looks at what `base` made of the raw value. */
export function refine<A, B>(
  base: Kind<A>,
  facts: { readonly type?: string; readonly schema?: JsonSchema },
  parse: (value: A) => Parsed<B>,
): Kind<B> {
  return {
    ...base,
    ...facts,
    parse(raw) {
      const outer = base.parse(raw)
      if (!outer.ok) return outer
      const inner = parse(outer.value)
      return inner.ok ? accept(inner.value, [...outer.warnings, ...inner.warnings]) : inner
    },
  }
}
