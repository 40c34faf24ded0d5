import { RE2JS } from 're2js'
import type { Pattern, SkipRoute } from '../../core/skip-route.ts'
import { accept, refuse, type Fault, type Kind, type Parsed } from '../kind.ts'
import { listOf } from './list.ts'

export const patterns: Kind<readonly Pattern[]> = listOf(
  { type: 'list of regular expressions' },
  parseAnchored,
)

/** Skipped whatever the method. */
export const skipPatterns: Kind<readonly SkipRoute[]> = listOf(
  { type: 'list of regular expressions' },
  (entry) => {
    const parsed = parseAnchored(entry)
    return parsed.ok
      ? accept({ method: '', pattern: parsed.value, negate: false }, parsed.warnings)
      : parsed
  },
)

/** `REGEX`, `METHOD=REGEX` or `METHOD!=REGEX`, split at the first `=` or `!=`. */
export const skipRoutes: Kind<readonly SkipRoute[]> = listOf(
  { type: 'list of routes' },
  (entry) => {
    const {
      method = '',
      operator = '',
      regex = entry,
    } = /^(?<method>[^=]*?)(?<operator>!?=)(?<regex>.*)$/s.exec(entry)?.groups ?? {}
    if (!/^[a-z]*$/i.test(method)) {
      return refuse(
        'has something other than a method before its first =',
        'write METHOD=REGEX; start a regular expression that holds = itself with = (any method)',
      )
    }
    const negate = operator === '!='
    const parsed = negate ? parsePattern(regex) : parseAnchored(regex)
    return parsed.ok
      ? accept({ method: method.toUpperCase(), pattern: parsed.value, negate }, parsed.warnings)
      : parsed
  },
)

const unanchored: Fault = {
  problem: 'does not start with ^ and so matches anywhere in the path, not only at its start',
  fix: 'start the regular expression with ^',
}

function parseAnchored(source: string): Parsed<Pattern> {
  const parsed = parsePattern(source)
  if (!parsed.ok || /^(\(\?[a-zA-Z]+\))?(\^|\\A)/.test(source)) return parsed
  return accept(parsed.value, [unanchored])
}

/** RE2 never backtracks: time is linear in the text, whatever the expression. */
function parsePattern(source: string): Parsed<Pattern> {
  if (source === '') return refuse('is empty and would match everything', 'remove it')
  try {
    const compiled = RE2JS.compile(source)
    return accept({ source, test: (text) => compiled.test(text) })
  } catch {
    return refuse(
      'is not a regular expression that RE2 understands',
      'see the RE2 syntax: no look-around, no back-references',
    )
  }
}
