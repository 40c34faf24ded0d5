import { startDemoProvider, type DemoProvider } from './provider.ts'
import { appUrl, authUrl, type Site } from './manifests.ts'
import { freePort, type Cleanup } from './process.ts'
import { startSallyport, type RunningSallyport, type TomlValue } from './sallyport.ts'
import { startSampleApp, type SampleApp } from './sample-app.ts'

/** An app, its portal and the provider, as they stand behind a gateway that a test starts. */
export interface GatewaySite extends Site {
  readonly appUrl: string
  readonly authUrl: string
  readonly sampleApp: SampleApp
  readonly running: RunningSallyport
  readonly provider: DemoProvider
}

/** The configuration is the one of docs/gateways, plus what plain http on one machine needs. */
export async function startBehindGateway(
  t: Cleanup,
  options: Readonly<Record<string, TomlValue>> = {},
): Promise<GatewaySite> {
  const port = await freePort()
}
