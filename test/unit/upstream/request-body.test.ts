import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { sendBody } from '../../../src/upstream/request-body.ts'

/** A body being sent, every step of it recorded. */
function start() {
  const steps: string[] = []
  const incoming = new PassThrough()
  let isFull = false
  const request = Object.assign(new EventEmitter(), {
    write(chunk: Buffer) {
      steps.push(`write ${chunk.toString()}`)
      return !isFull
    },
    addTrailers: (trailers: string[][]) => steps.push(`trailers ${trailers.join()}`),
    end: () => steps.push('end'),
  })
  sendBody(incoming as unknown as IncomingMessage, request as unknown as ClientRequest, {
    deadline: {
      start: () => steps.push('start'),
      stop: () => steps.push('stop'),
      cancel: () => undefined,
    },
    trailers: () => [['X-Sum', '1']],
  })
  return {
    incoming,
    request,
    /** The steps since the last call, once all that is under way has happened. */
    async steps(): Promise<string[]> {
      await new Promise((resolve) => setImmediate(resolve))
      return steps.splice(0)
    },
    setFull(value: boolean) {
      isFull = value
    },
  }
}

test('the head goes first, then the body, then trailers and the wait for an answer', async () => {
  const { incoming, steps } = start()
  assert.deepEqual(await steps(), ['write '])
  incoming.write('a')
  assert.deepEqual(await steps(), ['write a'])
  incoming.end()
  assert.deepEqual(await steps(), ['trailers X-Sum,1', 'end', 'start'])
})

test('time runs only while the upstream keeps the client waiting', async () => {
  const { incoming, request, steps, setFull } = start()
  setFull(true)
  incoming.write('a')
  assert.deepEqual(await steps(), ['write ', 'write a', 'start'])
  incoming.write('b')
  assert.deepEqual(await steps(), [])
  setFull(false)
  request.emit('drain')
  assert.deepEqual(await steps(), ['stop', 'write b'])
})

test('once the request is over, the rest of the body is read and dropped', async () => {
  const { incoming, request, steps, setFull } = start()
  setFull(true)
  incoming.write('a')
  await steps()
  request.emit('close')
  incoming.end('b')
  assert.deepEqual(await steps(), [])
  assert.ok(incoming.readableEnded)
})
