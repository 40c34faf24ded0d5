import { ourOption } from '../option.ts'
import { optionalListenAddress } from '../kinds/network.ts'
import { secret, text } from '../kinds/text.ts'

/** The admin listener. */
export const adminOptions = {
  admin_address: ourOption(optionalListenAddress, {
    default: '',
    help:
      'Where operators list and revoke sessions over HTTP, with `admin_token`. Plain http: keep it ' +
      'on loopback or inside the cluster. Empty or `-` = nowhere.',
  }),
  admin_token: ourOption(secret, {
    default: '',
    help: 'Bearer token that every request there must carry: 32 characters or more.',
  }),
  admin_token_file: ourOption(text, {
    default: '',
    help: 'File that holds that token. Used when `admin_token` is empty.',
  }),
}
