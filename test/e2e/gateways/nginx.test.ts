import { defineScenarios } from '../../support/gateway-scenarios.ts'
import { readManifest } from '../../support/manifests.ts'
import { startNginx } from '../../support/nginx.ts'

defineScenarios({
  name: 'nginx',
  start(t, site, limits) {
    const config = readManifest('nginx/nginx.conf', site)
    const check = `/oauth2/auth${limits};`
    return startNginx(t, 'newer', site.port, config.replace('/oauth2/auth;', check))
  },
  leadsToSignIn: true,
  script: 401,
  relaysBodies: false,
  lostPost: 'the page with the form',
  passesCookies: true,
  unavailable: 500,
})
