import type { Cleanup } from './cleanup.ts'
import { appUrl, authUrl, type Site } from './manifests.ts'
import { freePort } from './process.ts'
import { startProvider, type RunningProvider } from './provider.ts'
import { startSallyport, type RunningSallyport, type TomlValue } from './sallyport.ts'
import { startSampleApp, type SampleApp } from './sample-app.ts'

/** Sallyport, an app and the provider, where the gateway of `manifests/gateways/` expects them. */
export interface GatewaySite extends Site {
  readonly appUrl: string
  readonly authUrl: string
  readonly sampleApp: SampleApp
  readonly running: RunningSallyport
  readonly provider: RunningProvider
}

/**
 * Starts everything but the gateway, which a test starts on `port`. The configuration is that of
 * docs/gateways, plus what plain http and a port need.
 */
export async function startBehindGateway(
  t: Cleanup,
  options: Readonly<Record<string, TomlValue>> = {},
): Promise<GatewaySite> {
  const port = await freePort()
  const provider = await startProvider(t)
  const sampleApp = await startSampleApp(t)
  const running = await startSallyport(t, {
    ...clientOptions(provider),
    reverse_proxy: true,
    redirect_url: `${authUrl({ port })}/oauth2/callback`,
    cookie_domains: ['example.localhost'],
    whitelist_domains: ['.example.localhost:*'],
    set_xauthrequest: true,
    ...options,
  })
  const site = { port, app: sampleApp.port, sallyport: running.port }
  return { ...site, appUrl: appUrl(site), authUrl: authUrl(site), sampleApp, running, provider }
}

/** What every test needs to sign people in at this provider over plain http. */
export function clientOptions(
  provider: Pick<RunningProvider, 'issuer' | 'clientId' | 'clientSecret'>,
): Record<string, TomlValue> {
  return {
    provider: 'oidc',
    oidc_issuer_url: provider.issuer,
    client_id: provider.clientId,
    client_secret: provider.clientSecret,
    cookie_secret: '0123456789abcdef0123456789abcdef',
    cookie_secure: false,
    email_domains: ['*'],
    skip_provider_button: true,
  }
}
