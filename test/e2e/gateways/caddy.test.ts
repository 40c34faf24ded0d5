import { startCaddy } from '../../support/caddy.ts'
import { defineScenarios } from '../../support/gateway-scenarios.ts'

defineScenarios({
  name: 'Caddy',
  start: startCaddy,
  leadsToSignIn: true,
  script: 401,
  relaysBodies: true,
  lostPost: 'the page with the form',
  passesCookies: false,
  unavailable: 503,
})
