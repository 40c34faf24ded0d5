import { defineScenarios } from '../../support/gateway-scenarios.ts'
import { startNginx } from '../../support/nginx.ts'
import { renderNginxGatewayFabric } from '../../support/nginx-gateway-fabric.ts'

defineScenarios({
  name: 'NGINX Gateway Fabric',
  start: (t, site, limits) =>
    startNginx(t, 'newer', site.port, renderNginxGatewayFabric(site, limits)),
  leadsToSignIn: true,
  script: 401,
  relaysBodies: false,
  lostPost: 'the page with the form',
  passesCookies: true,
  unavailable: 500,
})
