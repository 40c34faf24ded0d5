import { accept, refine, refuse, type Kind } from '../kind.ts'
import { secret } from '../kinds/text.ts'
import type { Secret } from '../../lib/secret.ts'
import { error, rule, type Rule } from './rule.ts'

/** A token that nobody guesses, however often they may try. */
const minTokenLength = 32

export const adminToken: Kind<Secret> = refine(secret, {}, (value) =>
  value.reveal().length < minTokenLength
    ? refuse(`has less than ${minTokenLength} characters`, 'sallyport generate-secret')
    : accept(value),
)

export const adminRules: readonly Rule[] = [
  rule(
    ['admin_address', 'admin_token'],
    ({ admin_address, admin_token }) =>
      admin_address !== undefined &&
      admin_token.reveal().length < minTokenLength &&
      error(
        'admin_token',
        `must have ${minTokenLength} characters or more with admin_address`,
        'set it or admin_token_file; generate one with: sallyport generate-secret',
      ),
  ),
]
