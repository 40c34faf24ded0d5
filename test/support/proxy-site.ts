import type { Cleanup } from './cleanup.ts'
import { clientOptions } from './gateway-site.ts'
import { startProvider, type RunningProvider } from './provider.ts'
import { startSallyport, type RunningSallyport, type TomlValue } from './sallyport.ts'
import { startSampleApp, type SampleApp } from './sample-app.ts'

/** Sallyport in front of an app by itself, without a gateway. */
export interface ProxySite {
  /** Where a browser finds the app. */
  readonly url: string
  readonly sampleApp: SampleApp
  readonly running: RunningSallyport
  readonly provider: RunningProvider
}

export async function startProxySite(
  t: Cleanup,
  options: Readonly<Record<string, TomlValue>> = {},
): Promise<ProxySite> {
  const provider = await startProvider(t)
  const sampleApp = await startSampleApp(t)
  const running = await startSallyport(t, {
    ...clientOptions(provider),
    upstreams: [`${sampleApp.url}/`],
    ...options,
  })
  return { url: `http://app.example.localhost:${running.port}`, sampleApp, running, provider }
}
