import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { FastifyInstance } from 'fastify'
import type { Decision } from '../../../src/core/decision.ts'
import type { Front } from '../../../src/fronts/front.ts'
import { registerCheck, type CheckRouteDeps } from '../../../src/http/checks.ts'
import type { DirectHandler } from '../../../src/http/direct-handlers.ts'
import type { Eventual } from '../../../src/lib/eventual.ts'
import { afterTest } from '../../support/cleanup.ts'
import { recordedLog, someRequest, someSession } from '../../support/sessions.ts'

const allow: Decision = { outcome: 'allow', reason: 'session', session: someSession(), cookies: [] }

interface Parts {
  readonly read?: () => never
  readonly check?: () => Eventual<Decision>
  readonly answer?: () => never
}

/** The route of a check with a mistake of ours in one of its parts. */
async function ask(t: TestContext, { read, check, answer }: Parts) {
  let handler: DirectHandler | undefined
  const app = {
    answerDirectly(_path: string, given: DirectHandler) {
      handler = given
    },
  } as unknown as FastifyInstance
  const log = recordedLog()
  const front: Front = {
    name: 'nginx',
    read: read ?? (() => ({ ok: true, request: someRequest() })),
    answer: answer ?? (() => ({ status: 202, headers: {}, cookies: [], body: '' })),
  }
  registerCheck(app, '/oauth2/auth', front, {
    options: { proxy_prefix: '/oauth2', request_id_header: 'X-Request-Id' },
    check: check ?? (() => allow),
    record: { check() {}, refused() {} },
    doctorProbes: { answer: () => undefined },
    metrics: { requestServed() {} },
    requestLog: undefined,
    log,
  } as unknown as CheckRouteDeps)
  const server = createServer((incoming, outgoing) => handler?.(incoming, outgoing))
  afterTest(t, () => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const { status } = await fetch(`http://127.0.0.1:${port}/oauth2/auth`)
  return { status, lines: log.lines.map(({ level, event }) => [level, event]) }
}

const bug = (): never => {
  throw new TypeError('a bug')
}
const notAnswered = [['error', 'check not answered']]

test('the route answers 202 while nothing is wrong', async (t) => {
  assert.deepEqual(await ask(t, {}), { status: 202, lines: [] })
})

const mistakes: Readonly<Record<string, Parts>> = {
  'reading the request': { read: bug },
  'the check': { check: bug },
  'the check, later': { check: () => Promise.reject(new TypeError('a bug')) },
  'the answer': { answer: bug },
  'the answer, later': { check: () => Promise.resolve(allow), answer: bug },
}

for (const [where, parts] of Object.entries(mistakes)) {
  test(`SEC-39: a mistake in ${where} is no allow and does not end the process`, async (t) => {
    assert.deepEqual(await ask(t, parts), { status: 503, lines: notAnswered })
  })
}
