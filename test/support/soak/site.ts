// Replicas on one Redis, each restarted and given new secrets as it comes.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'smol-toml'
import type { Cleanup } from '../cleanup.ts'
import { clientOptions } from '../gateway-site.ts'
import { freePort, temporaryFolder } from '../process.ts'
import type { RunningProvider } from '../provider.ts'
import {
  startSallyport,
  type LogLine,
  type RunningSallyport,
  type TomlValue,
} from '../sallyport.ts'
import type { Place } from './traffic.ts'

export interface Replica extends Place {
  readonly adminUrl: string
  /** How often this process read its cookie secrets anew. */
  reloads(): number
  /** What its processes logged that tells why somebody was signed out. */
  complaints(): readonly LogLine[]
  /** Ends it with the signal and starts it anew. */
  restart(signal: NodeJS.Signals): Promise<void>
}

export const adminToken = 'admin-token-of-the-soak-test-0123'

export async function startReplica(
  t: Cleanup,
  provider: RunningProvider,
  store: Readonly<Record<string, TomlValue>>,
  secretFile: string,
): Promise<Replica> {
  const [port, adminPort] = [await freePort(), await freePort()]
  const { cookie_secret: _, ...client } = clientOptions(provider)
  const config = stringify({
    ...client,
    ...store,
    http_address: `127.0.0.1:${port}`,
    admin_address: `127.0.0.1:${adminPort}`,
    admin_token: adminToken,
    cookie_secret_file: secretFile,
    cookie_refresh: '5s',
    set_xauthrequest: true,
    store_timeout: '400ms',
    shutdown_timeout: '5s',
  })
  const start = (): Promise<RunningSallyport> => startSallyport(t, config)
  let running = await start()
  const earlier: LogLine[] = []
  const logs = (): readonly LogLine[] => [...earlier, ...running.logs()]

  const replica: Replica = {
    url: `http://127.0.0.1:${port}`,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    isAway: false,
    reloads: () => running.logs().filter(({ msg }) => msg === 'cookie_secret reloaded').length,
    complaints: () =>
      logs().filter(({ msg }) =>
        /refresh (failed|rejected)|session-ended|lock (lost|left)/.test(msg),
      ),
    async restart(signal) {
      replica.isAway = true
      await running.stop(signal)
      earlier.push(...running.logs())
      running = await start()
      replica.isAway = false
    },
  }
  return replica
}

/** A file of cookie secrets, the first of which seals, as replicas follow it. */
export function secretFile(t: Cleanup) {
  const path = join(temporaryFolder(t), 'cookie-secrets')
  const secrets = [randomSecret()]
  const write = (): void => writeFileSync(path, secrets.join('\n'))
  write()
  return {
    path,
    /** The new one only opens, until `promote`. */
    add(): void {
      secrets.push(randomSecret())
      write()
    },
    promote(): void {
      const newest = secrets.pop()
      if (newest !== undefined) secrets.unshift(newest)
      write()
    },
  }
}

function randomSecret(): string {
  return crypto.randomUUID().replaceAll('-', '')
}
