/** A compiled regular expression, matched anywhere in the text (RE2, linear time). */
export interface Pattern {
  readonly source: string
  test(text: string): boolean
}

/** One entry of `skip_auth_routes` or `skip_auth_regex`. */
export interface SkipRoute {
  /** Upper case; empty = any method. */
  readonly method: string
  readonly pattern: Pattern
  /** `!=`: the route is what the pattern does not match. */
  readonly negate: boolean
}
