// Bodies that fit into no buffer: whoever is slow slows the other side down.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { get, request, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { httpUpstream, startProxy, startUpstream } from './harness.ts'

const totalBytes = 50 << 20
const chunkBytes = 64 << 10

/** 50 MB, made as they are asked for. */
function source(): { stream: Readable; digest: Promise<string>; produced(): number } {
  const hash = createHash('sha256')
  let produced = 0
  const stream = new Readable({
    read() {
      if (produced === totalBytes) return void this.push(null)
      const chunk = Buffer.alloc(chunkBytes, produced / chunkBytes)
      produced += chunkBytes
      hash.update(chunk)
      this.push(chunk)
    },
  })
  const digest = once(stream, 'end').then(() => hash.digest('hex'))
  return { stream, digest, produced: () => produced }
}

async function digestOf(stream: Readable): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of stream) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** Resolves with the count once it has stopped growing. */
async function standstill(count: () => number): Promise<number> {
  for (let rounds = 0, last = -1; rounds < 8; rounds += 1) {
    if (count() !== last) rounds = 0
    last = count()
    await sleep(25)
  }
  return count()
}

test('a download waits for a client that does not read, then arrives whole', async (t) => {
  const { stream, digest, produced } = source()
  const port = await startUpstream(t, (_incoming, outgoing) => void stream.pipe(outgoing))
  const proxy = await startProxy(t, [httpUpstream(port)])
  const client = get({ host: '127.0.0.1', port: proxy.port })
  const [answer] = (await once(client, 'response')) as [IncomingMessage]
  assert.ok((await standstill(produced)) < totalBytes)
  assert.equal(await digestOf(answer), await digest)
})

test('an upload waits for an upstream that does not read, then arrives whole', async (t) => {
  const { stream, digest, produced } = source()
  let incoming: IncomingMessage | undefined
  const port = await startUpstream(t, (received, outgoing) => {
    incoming = received.once('end', () => outgoing.end())
  })
  const proxy = await startProxy(t, [httpUpstream(port)])
  const client = request({ host: '127.0.0.1', port: proxy.port, method: 'PUT' })
  stream.pipe(client)
  assert.ok((await standstill(produced)) < totalBytes)
  assert.ok(incoming)
  assert.equal(await digestOf(incoming), await digest)
  const [answer] = (await once(client, 'response')) as [IncomingMessage]
  assert.equal(answer.statusCode, 200)
  answer.resume()
})
