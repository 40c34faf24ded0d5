import { defineScenarios } from '../../support/gateway-scenarios.ts'
import { startHaproxy } from '../../support/haproxy.ts'

defineScenarios({
  name: 'HAProxy',
  start: startHaproxy,
  leadsToSignIn: true,
  script: 401,
  relaysBodies: true,
  lostPost: 'the page with the form',
  passesCookies: true,
  unavailable: 503,
})
