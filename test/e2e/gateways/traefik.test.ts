import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foreignHeaders, forgedIdentity } from '../../support/forged-headers.ts'
import { defineScenarios } from '../../support/gateway-scenarios.ts'
import { startBehindGateway } from '../../support/gateway-site.ts'
import { alice } from '../../support/provider.ts'
import { signIn } from '../../support/sign-in.ts'
import { startTraefik } from '../../support/traefik.ts'
import { createUserAgent } from '../../support/user-agent.ts'

defineScenarios({
  name: 'Traefik',
  start: startTraefik,
  leadsToSignIn: true,
  script: 401,
  relaysBodies: true,
  lostPost: 'the page with the form',
  passesCookies: true,
  unavailable: 503,
})

for (const trustForwardHeader of [undefined, false]) {
  test(`all the same with trustForwardHeader ${trustForwardHeader ?? 'unset'}`, async (t) => {
    const site = await startBehindGateway(t, { skip_auth_routes: ['^/public/'] })
    const traefik = await startTraefik(t, site, '', (rest) => ({ ...rest, trustForwardHeader }))
    if (!traefik) return
    const agent = createUserAgent()
    for (const headers of foreignHeaders(site.appUrl)) {
      const { status } = await agent.request(`${site.appUrl}/private`, { headers })
      assert.equal(status, 401)
    }
    const deepLink = `${site.appUrl}/deep/link?a=1&b=%20%26&c=/x`
    const landed = await signIn(agent, deepLink)
    assert.equal(landed.status, 200)
    assert.equal(landed.url, deepLink)
    await agent.request(site.appUrl, { headers: forgedIdentity })
    assert.equal(site.sampleApp.requests.at(-1)?.headers['x-auth-request-user'], alice.sub)
    assert.doesNotMatch(JSON.stringify(site.sampleApp.requests), /mallory/)
  })
}

test('authSigninURL takes the 401 from scripts, and no deep link from people', async (t) => {
  const site = await startBehindGateway(t)
  const authSigninURL = `${site.authUrl}/oauth2/start`
  const traefik = await startTraefik(t, site, '', (rest) => ({ ...rest, authSigninURL }))
  if (!traefik) return
  const script = await createUserAgent().request(`${site.appUrl}/api`)
  assert.equal(script.status, 302)
  assert.equal(script.headers.location, authSigninURL)
  const deepLink = `${site.appUrl}/deep/link?a=1&b=2`
  assert.equal((await signIn(createUserAgent(), deepLink)).url, deepLink)
})
