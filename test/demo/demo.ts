// `npm run demo`: a provider, an app and Sallyport between them, to click through. Ctrl-C ends all.
import { once } from 'node:events'
import { createCleanup } from '../support/cleanup.ts'
import { clientOptions } from '../support/gateway-site.ts'
import { freePort, isFree } from '../support/process.ts'
import { alice, bob, startProvider } from '../support/provider.ts'
import { startSallyport } from '../support/sallyport.ts'
import { startSampleApp } from '../support/sample-app.ts'

const wantedPort = 4180

const cleanup = createCleanup()
const interrupted = Promise.race(['SIGINT', 'SIGTERM'].map((name) => once(process, name)))
try {
  const provider = await startProvider(cleanup)
  const app = await startSampleApp(cleanup)
  const port = (await isFree(wantedPort)) ? wantedPort : await freePort()
  const sallyport = await startSallyport(cleanup, {
    ...clientOptions(provider),
    http_address: `127.0.0.1:${port}`,
    provider_display_name: 'Example Identity',
    skip_provider_button: false,
    upstreams: [`${app.url}/`],
    pass_access_token: true,
  })
  console.log(`
  Open      ${sallyport.url}
  Sign in   ${[alice, bob].map(({ email, password }) => `${email} / ${password}`).join('   or   ')}
  Sign out  ${sallyport.url}/oauth2/sign_out

  The app shows the headers it gets. Ctrl-C ends the demo.
`)
  await Promise.race([interrupted, sallyport.exited])
} finally {
  await cleanup.run()
}
