import { option, unserved } from '../option.ts'
import { boolean } from '../kinds/scalar.ts'
import { text } from '../kinds/text.ts'

/** Flags that have neither a key in the file nor a variable. */
export const commandLineOptions = {
  config: option(text, {
    default: '',
    help: 'Configuration file: TOML, or YAML with the same keys (`.yaml`, `.yml`).',
  }),
  config_test: option(boolean, {
    default: false,
    help: 'Check the configuration and exit: 0 when it is good.',
  }),
  help: option(boolean, { default: false, help: 'Print this text and exit.' }),
  version: option(boolean, { default: false, help: 'Print the version and exit.' }),
  alpha_config: unserved(text, {
    default: '',
    help: 'Structured configuration of oauth2-proxy (alpha).',
  }),
  convert_config_to_alpha: unserved(boolean, {
    default: false,
    help: 'Convert to that configuration.',
  }),
}
