import assert from 'node:assert/strict'
import { test } from 'node:test'
import { style } from '../../../src/pages/style.ts'

const [lightText = '', darkText = ''] = style.split('@media (prefers-color-scheme: dark)')

function variables(text: string): ReadonlyMap<string, string> {
  const pairs = [...text.matchAll(/--([\w-]+): (#[\da-f]{3,6});/g)]
  return new Map(pairs.map(([, name = '', value = '']) => [name, value] as const).toReversed())
}

/** Relative luminance (WCAG 2.2). */
function luminance(colour: string): number {
  const hex = colour.length === 4 ? colour.replace(/[\da-f]/g, '$&$&') : colour
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const channel = Number.parseInt(hex.slice(start, start + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (light + 0.05) / (dark + 0.05)
}

const pairs = [
  ['text', 'card', 4.5],
  ['text', 'code', 4.5],
  ['soft', 'card', 4.5],
  ['soft', 'code', 4.5],
  ['soft', 'page', 4.5],
  ['soft', 'glow', 4.5],
  ['accent', 'card', 4.5],
  ['on-accent', 'accent', 4.5],
  ['on-accent', 'accent-hover', 4.5],
  ['edge', 'card', 3],
] as const

for (const [scheme, text] of [
  ['light', lightText],
  ['dark', darkText],
] as const) {
  for (const [front, back, least] of pairs) {
    test(`${front} on ${back} has a contrast of ${least}:1 in the ${scheme} scheme`, () => {
      const colours = variables(text)
      const ratio = contrast(colours.get(front) ?? '', colours.get(back) ?? '')
      assert.ok(ratio >= least, `${ratio.toFixed(2)}:1`)
    })
  }
}
