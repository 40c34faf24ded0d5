/** The line (from 1) on which a TOML or YAML text sets a key or opens its table. */
export function lineOfKey(text: string, key: string): number | undefined {
  const index = text.split('\n').findIndex((line) => keyOfLine(line) === key)
  return index === -1 ? undefined : index + 1
}

function keyOfLine(line: string): string | undefined {
  const match = /^\s*(?:\[+\s*)?(?:"([^"]*)"|'([^']*)'|([\w-]+))\s*[=:.\]]/.exec(line)
  return match?.[1] ?? match?.[2] ?? match?.[3]
}
