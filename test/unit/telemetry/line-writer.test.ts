import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  constants,
  createReadStream,
  type ReadStream,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { createLineWriter } from '../../../src/telemetry/line-writer.ts'
import { afterTest } from '../../support/cleanup.ts'

function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'line-writer-'))
  afterTest(t, () => rmSync(directory, { recursive: true }))
  return directory
}

function open(t: TestContext, path: string, flags: string | number): number {
  const fd = openSync(path, flags)
  afterTest(t, () => closeSync(fd))
  return fd
}

test('writes lines in order, in whole', async (t) => {
  const path = join(temporaryDirectory(t), 'log')
  const writer = createLineWriter(open(t, path, 'w'))
  const lines = Array.from({ length: 1000 }, (_, index) => `line ${index} é\n`)
  for (const line of lines) writer.write(line)
  await writer.drained()
  writer.write('last\n')
  await writer.drained()
  assert.equal(readFileSync(path, 'utf8'), `${lines.join('')}last\n`)
})

test('is drained at once when nothing waits', async () => {
  await createLineWriter(1).drained()
})

test('waits for a reader that stalls, and drops only what does not fit into memory', async (t) => {
  const path = join(temporaryDirectory(t), 'fifo')
  execFileSync('mkfifo', [path])
  const fd = open(t, path, constants.O_RDWR | constants.O_NONBLOCK)
  const limit = 200_000
  const writer = createLineWriter(fd, limit)
  const line = `${'x'.repeat(999)}\n`
  // A pipe holds 64 KiB of them, the rest waits.
  for (let count = 0; count < 1000; count += 1) writer.write(line)
  const reader = createReadStream(path)
  const expected = limit
  const received = receive(reader, expected)
  await writer.drained()
  assert.equal(await received, expected)
})

/** Reads until at least `length` bytes came; returns how many. */
async function receive(reader: ReadStream, length: number): Promise<number> {
  let count = 0
  for await (const chunk of reader as AsyncIterable<Buffer>) {
    count += chunk.length
    if (count >= length) break
  }
  return count
}

test('SEC-52: a full disk loses lines and nothing else', async (t) => {
  const writer = createLineWriter(open(t, '/dev/full', 'w'))
  for (let round = 0; round < 3; round += 1) {
    writer.write('lost\n')
    await writer.drained()
  }
})

test('SEC-52: a descriptor that is closed loses lines and nothing else', async () => {
  const writer = createLineWriter(1_000_000)
  writer.write('lost\n')
  await writer.drained()
})

const module = new URL('../../../src/telemetry/line-writer.ts', import.meta.url).href
const program = `
  import { createLineWriter } from ${JSON.stringify(module)}
  const writer = createLineWriter(1)
  process.stdin.once('data', async () => {
    for (let count = 0; count < 3; count += 1) {
      writer.write('line\\n')
      await writer.drained()
    }
    process.stderr.write('still running')
    process.exit(0)
  })
`

test('SEC-52: a reader of stdout that went away does not end the process', async (t) => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program])
  afterTest(t, () => child.kill())
  child.stdout.destroy()
  await once(child.stdout, 'close')
  child.stdin.end('go')
  const exited = once(child, 'exit')
  assert.equal(await text(child.stderr), 'still running')
  await exited
  assert.equal(child.exitCode, 0)
})
