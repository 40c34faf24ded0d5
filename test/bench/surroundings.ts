import { createHash } from 'node:crypto'
import type { Cleanup } from '../support/cleanup.ts'
import { clientOptions } from '../support/gateway-site.ts'
import { findComponent } from '../support/components.ts'
import { freePort, startProcess, temporaryFolder, waitForPort } from '../support/process.ts'
import { startProvider } from '../support/provider.ts'
import type { Settings } from './service.ts'

/** As an organisation's provider does: the groups by their ids. The cookie gets some 3 kB long. */
const directoryGroups = Array.from({ length: 40 }, (_, index) => {
  const hash = createHash('sha256').update(String(index)).digest('hex')
  return hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')
})

/** What the services need. */
export interface Surroundings {
  /** Besides those of the session store. */
  readonly settings: Settings
  readonly redisUrl: string
}

export async function startSurroundings(t: Cleanup): Promise<Surroundings> {
  const provider = await startProvider(t, { claims: { directory_groups: directoryGroups } })
  const settings = { ...clientOptions(provider), reverse_proxy: true, set_xauthrequest: true }
  return { settings, redisUrl: await startRedis(t) }
}

async function startRedis(t: Cleanup): Promise<string> {
  const redis = findComponent('redis-server')
  if (redis === undefined) throw new Error('redis-server is not installed')
  const port = await freePort()
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no']
  await waitForPort(port, startProcess(t, redis, args, { cwd: temporaryFolder(t) }))
  return `redis://127.0.0.1:${port}`
}
