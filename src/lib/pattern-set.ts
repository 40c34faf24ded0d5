import { RE2Set } from 're2js'

/**
 * Which of these regular expressions (RE2 syntax) match somewhere in a text, by their places in the
 * list: found in one pass over the text, however many they are.
 */
export function createPatternSet(sources: readonly string[]): (text: string) => readonly number[] {
  const set = new RE2Set()
  for (const source of sources) set.add(source)
  set.compile()
  return (text) => set.match(text)
}
