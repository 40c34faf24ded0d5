import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

const mebibyte = 1024 * 1024

/** Runs the lines in a process of their own, with `mebibytes(n)` to fill memory; what it printed. */
function run(lines: string): number {
  const heap = new URL('../../../src/lib/heap.ts', import.meta.url)
  const program = `
    import { boundHeapGrowth, keepTick, trimHeap } from '${heap.href}'
    const mebibytes = (count) => Array.from({ length: count * 128 }, () => Array(1024).fill(0.5))
    ${lines}`
  // Collectors beside the program would find more or less of it done on a busy machine.
  const flags = ['--single-threaded-gc', '--max-semi-space-size=4']
  const args = [...flags, '--input-type=module', '--eval', program]
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  assert.match(stdout, /^\d/, stderr)
  return Number(stdout)
}

test('a heap that lives on replacing what is old stays little larger than what is in use', () => {
  const peak = run(`
    boundHeapGrowth()
    const parts = Array.from({ length: 40 }, () => mebibytes(1))
    let peak = 0
    for (let turn = 0; turn < 320; turn += 1) {
      parts[turn % parts.length] = mebibytes(1)
      // The first collections have yet to find out how much is in use.
      if (turn > 120) peak = Math.max(peak, process.memoryUsage().heapTotal)
      await new Promise(setImmediate)
    }
    console.log(peak)`)
  assert.ok(peak / mebibyte < 200, `${peak / mebibyte} MiB at most with 40 in use`)
})

test('what is not in use any more is given back to the system', () => {
  const kept = run(`
    const before = process.memoryUsage().rss
    let full = mebibytes(100)
    full = undefined
    trimHeap()
    console.log(process.memoryUsage().rss - before)`)
  assert.ok(kept / mebibyte < 40, `${kept / mebibyte} MiB of 100 are kept`)
})

test('programs do not get the function that collects', () => {
  assert.equal(run(`trimHeap(); console.log(Number('gc' in globalThis))`), 0)
})

test('one tick stays in memory, so that V8 keeps what it knows of them', () => {
  const kept = run(`
    import { getHeapSnapshot } from 'node:v8'

    /** How many plain objects have a property 'callback'. */
    async function ticks() {
      const text = (await getHeapSnapshot().toArray()).join('')
      const { snapshot: { meta }, nodes, edges, strings } = JSON.parse(text)
      const widths = { node: meta.node_fields.length, edge: meta.edge_fields.length }
      const name = meta.node_fields.indexOf('name')
      const edgeCount = meta.node_fields.indexOf('edge_count')
      const edgeName = meta.edge_fields.indexOf('name_or_index')
      const [property, object] = [meta.edge_types[0].indexOf('property'), strings.indexOf('Object')]
      const callback = strings.indexOf('callback')
      let found = 0
      let edge = 0
      for (let node = 0; node < nodes.length; node += widths.node) {
        for (let left = nodes[node + edgeCount]; left > 0; left -= 1, edge += widths.edge) {
          const isCallback = edges[edge] === property && edges[edge + edgeName] === callback
          if (isCallback && nodes[node + name] === object) found += 1
        }
      }
      return found
    }

    const before = await ticks()
    keepTick()
    await new Promise(setImmediate)
    trimHeap()
    console.log(await ticks() - before)`)
  assert.equal(kept, 1)
})
