/** A flag of this command's own: the configuration knows all others, and what is wrong with them. */
export function takeFlag(
  argv: readonly string[],
  flag: string,
): { readonly value: string | undefined; readonly rest: readonly string[] } {
  const index = argv.findIndex((argument) => argument.split('=')[0] === flag)
  const [, attached] = /=(.*)$/.exec(argv[index] ?? '') ?? []
  if (index === -1) return { value: undefined, rest: argv }
  const value = attached ?? argv[index + 1] ?? ''
  return { value, rest: argv.toSpliced(index, attached === undefined ? 2 : 1) }
}
