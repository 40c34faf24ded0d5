import { randomToken } from '../lib/bytes.ts'

/** `sallyport generate-secret`: a fresh `cookie_secret` of 256 bits. Returns the exit code. */
export function generateSecret({ print }: { readonly print: (text: string) => void }): number {
  print(randomToken(32))
  return 0
}
