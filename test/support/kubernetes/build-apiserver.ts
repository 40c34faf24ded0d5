// Builds a real kube-apiserver, once: Kubernetes publishes it as an image only, and its Go module
// cannot be installed by name because of its replace lines.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cache } from '../components.ts'

const version = '1.34.1'
const folder = join(cache, `kube-apiserver-${version}`)

/** Where the built program is kept, whether it is there or not. */
export const apiserver = join(folder, 'kube-apiserver')

const program = `package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() { os.Exit(cli.Run(app.NewAPIServerCommand())) }
`

/**
 * Path of the program, built with the machine's Go when it is not in the cache yet (about six
 * minutes on two cores). Throws when the build fails.
 */
export function buildApiserver(): string {
  if (existsSync(apiserver)) return apiserver
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'main.go'), program)
  writeFileSync(join(folder, 'go.mod'), 'module kube-apiserver\n')
  writeFileSync(join(folder, 'go.mod'), goModule())
  go('mod', 'tidy')
  // Without a version kubectl and Helm cannot tell what the server offers.
  const flags = `-s -w -X k8s.io/component-base/version.gitVersion=v${version}`
  go('build', '-ldflags', flags, '-o', 'unfinished', '.')
  renameSync(join(folder, 'unfinished'), apiserver)
  return apiserver
}

/** Kubernetes' own go.mod replaces its parts by folders of its repository: they have versions too. */
function goModule(): string {
  const { GoMod } = JSON.parse(go('mod', 'download', '-json', `k8s.io/kubernetes@v${version}`)) as {
    readonly GoMod: string
  }
  const kubernetes = readFileSync(GoMod, 'utf8')
  const parts = [...kubernetes.matchAll(/^\s*(k8s\.io\/\S+) => \.\/staging/gm)].map(
    ([, part]) => part,
  )
  const goVersion = /^go \S+$/m.exec(kubernetes)?.[0] ?? ''
  return [
    'module kube-apiserver',
    goVersion,
    `require k8s.io/kubernetes v${version}`,
    ...parts.map((part) => `replace ${part} => ${part} v${version.replace(/^1/, '0')}`),
    '',
  ].join('\n')
}

function go(...args: readonly string[]): string {
  const { status, stdout, error } = spawnSync('go', args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 28,
  })
  if (status !== 0) throw error ?? new Error(`go ${args.join(' ')} failed:\n${stdout}`)
  return stdout
}
