// Envoy asks with the client's own method and path: whatever they are, the check answers.
import assert from 'node:assert/strict'
import { METHODS } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import { buildApp } from '../../support/app.ts'

const fields = 'Host: app.example.com\r\nX-Forwarded-Proto: https\r\nConnection: close'

async function start(t: Parameters<typeof buildApp>[0]): Promise<number> {
  const app = await buildApp(t, ['--skip-auth-route=^/public/'])
  return Number(new URL(await app.listen()).port)
}

/** The status line's number. */
function ask(port: number, method: string, target: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`${method} ${target} HTTP/1.1\r\n${fields}\r\n\r\n`)
    })
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1])))
  })
}

test('every method is answered, and a route without one is open to the ordinary ones', async (t) => {
  const port = await start(t)
  // Node takes CONNECT for a tunnel; Envoy counts a closed connection as a failed check.
  for (const method of METHODS.filter((name) => name !== 'CONNECT')) {
    assert.equal(await ask(port, method, '/oauth2/check/envoy/private'), 401, method)
  }
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    assert.equal(await ask(port, method, '/oauth2/check/envoy/public/x'), 200, method)
  }
})

test('no path is normalised, redirected or another endpoint', async (t) => {
  const port = await start(t)
  for (const path of [
    '/',
    '/?x',
    '//',
    '/%zz',
    '/%',
    '/a//b/../c',
    '/ping',
    '/oauth2/sign_in',
    '/public/../private',
    '/public/%2e%2e/private',
    '/../../../oauth2/sign_in',
    `/${'a'.repeat(8000)}`,
  ]) {
    assert.equal(await ask(port, 'GET', `/oauth2/check/envoy${path}`), 401, path)
  }
})

test('what only looks like the address is none', async (t) => {
  const port = await start(t)
  for (const target of ['/oauth2/check/envoy', '/oauth2/check/envoyx/public/x', '/oauth2/check/']) {
    assert.notEqual(await ask(port, 'GET', target), 200, target)
  }
})
