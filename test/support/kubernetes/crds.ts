import { globSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Cluster } from './cluster.ts'
import { requireComponent } from '../components.ts'

/**
 * Teaches the cluster the kinds of gateways and of the Prometheus operator; returns once it serves
 * them. False when the test was skipped because their definitions are not here.
 */
export async function installCrds(t: TestContext, cluster: Cluster): Promise<boolean> {
  const folder = requireComponent(t, 'custom-resource-definitions')
  if (folder === undefined) return false
  const files = globSync('*.yaml', { cwd: folder }).map(
    (file) => `--filename=${join(folder, file)}`,
  )
  await cluster.kubectl(['apply', '--server-side', ...files])
  await cluster.kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all'])
  return true
}
