import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { Unavailable } from '../../../../src/core/errors.ts'
import { openRedis } from '../../../../src/session/stores/redis-client.ts'
import { createRedisConnection } from '../../../../src/session/stores/redis-connection.ts'
import { createRedisBackend } from '../../../../src/session/stores/redis.ts'
import { afterTest } from '../../../support/cleanup.ts'
import { eventually } from '../../../support/eventually.ts'
import { freePort } from '../../../support/process.ts'
import { sessionOptions } from '../../../support/session-options.ts'
import { recordedLog } from '../../../support/sessions.ts'

/** A server that answers each thing it is sent with `reply`. */
async function startFake(t: TestContext, reply: string) {
  const sockets = new Set<Socket>()
  const fake = { port: 0, reply, refuses: false, connections: 0, received: '', sockets }
  const server = createServer((socket) => {
    fake.connections += 1
    if (fake.refuses) socket.destroy()
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (data) => {
      fake.received += data.toString('latin1')
      socket.write(fake.reply)
    })
  })
  afterTest(t, () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  fake.port = (server.address() as AddressInfo).port
  return fake
}

function open(t: TestContext, port: number, host = '127.0.0.1') {
  const log = recordedLog()
  const calls: [operation: string, result: string][] = []
  const observe = (operation: string, result: string, seconds: number) => {
    assert.ok(seconds >= 0)
    calls.push([operation, result])
  }
  const options = sessionOptions({
    redis_connection_url: `redis://${host}:${port}`,
    store_timeout: 500,
  })
  const connection = createRedisConnection(openRedis(options), options, { log, observe })
  const backend = createRedisBackend(connection, { log })
  afterTest(t, () => backend.close())
  return { backend, log, calls }
}

test('SEC-48: every error of the server is unavailable and named by its code alone', async (t) => {
  const fake = await startFake(t, '+PONG\r\n')
  const { backend, calls } = open(t, fake.port)
  await eventually(() => backend.ping())
  calls.length = 0
  const codes = ['LOADING', 'BUSY', 'MASTERDOWN', 'NOPERM', 'MISCONF', 'CLUSTERDOWN', 'ERR']
  for (const code of codes) {
    fake.reply = `-${code} a sentence that may quote key-of-someone\r\n`
    await assert.rejects(backend.get('key-of-someone'), (error) => {
      assert.ok(error instanceof Unavailable)
      assert.equal(error.message, `redis get: ${code}`)
      assert.equal(error.cause, undefined)
      return true
    })
  }
  assert.deepEqual(
    calls,
    codes.map(() => ['get', 'error']),
  )
})

test('SEC-48: a server that still loads is used once it has', async (t) => {
  const fake = await startFake(t, '-LOADING Redis is loading the dataset in memory\r\n')
  const { backend } = open(t, fake.port)
  await eventually(() => assert.rejects(backend.ping(), /LOADING/))
  fake.reply = '+PONG\r\n'
  await backend.ping()
})

test('SEC-48: what does not speak the protocol is unavailable', async (t) => {
  const fake = await startFake(t, 'HTTP/1.1 400 Bad Request\r\n\r\n')
  const { backend } = open(t, fake.port)
  await eventually(() => assert.rejects(backend.get('key'), /Protocol error|not connected/))
})

test('SEC-48: a request under way when the connection breaks is unavailable at once', async (t) => {
  const fake = await startFake(t, '+PONG\r\n')
  const { backend } = open(t, fake.port)
  await eventually(() => backend.ping())
  fake.reply = ''
  const answer = backend.get('key')
  await eventually(() => assert.match(fake.received, /key/))
  for (const socket of fake.sockets) socket.destroy()
  await assert.rejects(answer, (error) => {
    assert.ok(error instanceof Unavailable)
    assert.equal(error.message, 'redis get: connection lost')
    return true
  })
  fake.reply = '+PONG\r\n'
  await eventually(() => backend.ping())
  // Asked once: a write that may have been done is not done again.
  assert.equal(fake.received.split('key').length, 2)
})

test('after a READONLY answer it connects anew', async (t) => {
  const fake = await startFake(t, '+PONG\r\n')
  const { backend } = open(t, fake.port)
  await eventually(() => backend.ping())
  const [first] = fake.sockets
  fake.reply = "-READONLY You can't write against a read only replica.\r\n"
  await assert.rejects(backend.set('key', Buffer.from('x'), 1_000), /READONLY/)
  fake.reply = '+PONG\r\n'
  await eventually(() => {
    assert.ok(fake.sockets.size > 0 && first?.destroyed)
  })
  await eventually(() => backend.ping())
})

test('logs an outage once, however often it is tried, and the recovery', async (t) => {
  const fake = await startFake(t, '+PONG\r\n')
  fake.refuses = true
  const { backend, log } = open(t, fake.port)
  await eventually(() => {
    assert.ok(fake.connections > 2)
  })
  // Between a connection and its end a command is sent, and lost.
  await eventually(() =>
    assert.rejects(backend.ping(), /redis ping: not connected \(connection closed\)/),
  )
  fake.refuses = false
  await eventually(() => backend.ping())
  await backend.ping()
  assert.deepEqual(
    log.lines.map(({ level, event, fields }) => [level, event, fields]),
    [
      ['warn', 'redis connection failed', { cause: 'connection closed' }],
      ['info', 'redis connected', {}],
    ],
  )
})

test('names the cause of a refused connection', async (t) => {
  const { backend } = open(t, await freePort(), 'localhost')
  const refused = /redis ping: not connected \(.*ECONNREFUSED.*\)/
  await eventually(() => assert.rejects(backend.ping(), refused))
})

test('tells how each command went', async (t) => {
  const fake = await startFake(t, '+OK\r\n')
  const { backend, calls } = open(t, fake.port)
  await eventually(() => backend.ping())
  calls.length = 0
  await backend.set('key', Buffer.from('x'), undefined)
  await backend.replace('key', Buffer.from('x'), 1_000, Buffer.from('y'))
  await backend.delete('key')
  fake.reply = '$-1\r\n'
  assert.equal(await backend.get('key'), undefined)
  assert.deepEqual(calls, [
    ['set', 'ok'],
    ['replace', 'ok'],
    ['delete', 'ok'],
    ['get', 'ok'],
  ])
})

test('says nothing of a connection that it closes itself', async (t) => {
  const fake = await startFake(t, '+PONG\r\n')
  const { backend, log } = open(t, fake.port)
  await eventually(() => backend.ping())
  const logged = log.lines.length
  await backend.close()
  await eventually(() => {
    assert.equal(fake.sockets.size, 0)
  })
  await assert.rejects(backend.ping(), /not connected \(closed\)/)
  assert.equal(log.lines.length, logged)
})
