import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startProcess } from '../support/process.ts'
import { alice } from '../support/provider.ts'
import { signIn } from '../support/sign-in.ts'
import { createUserAgent } from '../support/user-agent.ts'

test('the demo signs a person in and ends cleanly', async (t) => {
  const demo = startProcess(t, process.execPath, ['test/demo/demo.ts'])
  const [url = ''] = /http:\S+/.exec(await demo.line(/Open +http:/)) ?? []
  await demo.line(/Ctrl-C/)

  const agent = createUserAgent()
  const signInPage = await agent.visit(`${url}/hello`)
  const [, start = ''] = /href="(\/oauth2\/start[^"]*)"/.exec(signInPage.body) ?? []
  const landed = await signIn(agent, new URL(start.replaceAll('&#38;', '&'), url).href)
  assert.equal(landed.url, `${url}/hello`)
  assert.match(landed.body, /Sample app/)
  assert.match(landed.body, new RegExp(alice.email))

  assert.equal(await demo.stop('SIGINT'), 0)
  await assert.rejects(agent.request(url), { code: 'ECONNREFUSED' })
})
