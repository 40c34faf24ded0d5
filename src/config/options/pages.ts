import { option, unserved } from '../option.ts'
import { boolean } from '../kinds/scalar.ts'
import { text } from '../kinds/text.ts'

/** The pages that people see. */
export const pageOptions = {
  banner: option(text, {
    default: '',
    help: 'HTML above the sign-in button. `-` = none, empty = who may sign in.',
  }),
  footer: option(text, {
    default: '',
    help: 'HTML at the foot of pages. `-` = none.',
  }),
  show_debug_on_error: option(boolean, {
    default: false,
    help: 'Show the technical reason on error pages. For debugging only.',
  }),
  display_htpasswd_form: option(boolean, {
    default: true,
    help: 'No effect without `htpasswd_file`.',
  }),
  custom_templates_dir: unserved(text, {
    default: '',
    help: 'Directory of page templates of your own.',
  }),
  custom_sign_in_logo: option(text, {
    default: '',
    help:
      'Logo on the sign-in page: a file (`.svg`, `.png`, `.jpg`) or an https URL. `-` = none, ' +
      'empty = ours.',
  }),
}
