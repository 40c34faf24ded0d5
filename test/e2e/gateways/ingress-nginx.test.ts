import { defineScenarios } from '../../support/gateway-scenarios.ts'
import { renderIngressNginx } from '../../support/ingress-nginx.ts'
import { startNginx } from '../../support/nginx.ts'

defineScenarios({
  name: 'ingress-nginx',
  start(t, site, limits) {
    const annotations = { 'auth-url': `${site.running.url}/oauth2/auth${limits}` }
    return startNginx(t, 'newer', site.port, renderIngressNginx(site, annotations))
  },
  leadsToSignIn: true,
  // `auth-signin` redirects whoever asked.
  script: 302,
  relaysBodies: false,
  // `auth-signin` names the URL and not the method.
  lostPost: 'the URL of the POST',
  passesCookies: true,
  unavailable: 500,
})
