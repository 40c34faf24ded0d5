// The image without a container engine: its Dockerfile's commands make the same root filesystem on
// this Debian system, and unshare and chroot run it.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { TestContext } from 'node:test'
import type { Cleanup } from './cleanup.ts'
import { startProcess, type RunningProcess } from './process.ts'

export interface Dockerfile {
  readonly args: ReadonlyMap<string, string>
  readonly env: Readonly<Record<string, string>>
  readonly user: string
  readonly entrypoint: readonly string[]
  readonly healthcheck: readonly string[]
  readonly runs: readonly string[]
}

export function readDockerfile(): Dockerfile {
  const lines = readFileSync('Dockerfile', 'utf8')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
  const all = (instruction: string): readonly string[] =>
    lines
      .filter((line) => line.startsWith(`${instruction} `))
      .map((line) => line.slice(instruction.length + 1))
  const pairs = (instruction: string): readonly [string, string][] =>
    all(instruction)
      .flatMap((line) => line.split(' '))
      .map((pair) => [pair.replace(/=.*/, ''), pair.replace(/^.*?=/, '')])
  const command = (instruction: string): readonly string[] =>
    JSON.parse(/\[.*\]/.exec(all(instruction)[0] ?? '')?.[0] ?? '[]') as readonly string[]
  return {
    args: new Map(pairs('ARG')),
    env: Object.fromEntries(pairs('ENV')),
    user: all('USER')[0] ?? '',
    entrypoint: command('ENTRYPOINT'),
    healthcheck: command('HEALTHCHECK'),
    runs: all('RUN'),
  }
}

/** The app with its production dependencies, in `folder`. */
export function buildApp(folder: string): void {
  mkdirSync(folder)
  for (const file of ['package.json', 'package-lock.json']) cpSync(file, join(folder, file))
  const [, build = ''] = readDockerfile().runs
  const commands = build.split(' && ')
  const inSource = commands.filter((command) => command.startsWith('npm run '))
  for (const command of inSource) sh(`${command} -- --outDir ${folder}/dist`, process.cwd())
  for (const command of commands.filter((other) => !inSource.includes(other))) {
    sh(`${command} --prefer-offline --no-audit --no-fund`, folder)
  }
}

/** The root filesystem of the image, in the new folder `root`. */
export function assembleRoot(root: string, app: string): void {
  const command = readDockerfile().runs.at(-1) ?? ''
  sh(
    command
      .replace('/src/', `${process.cwd()}/`)
      .replace('/usr/local/bin/node', resolve(process.execPath))
      .replace('/rootfs', root)
      .replace(/\/app$/, app),
    process.cwd(),
  )
}

function sh(command: string, cwd: string): void {
  execFileSync('sh', ['-ec', command], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** False when the test was skipped: only root makes file systems of its own. */
export function requireRoot(t: TestContext): boolean {
  if (process.getuid?.() === 0) return true
  if (process.env['CI'] === 'true') throw new Error('the image can only be run by root')
  t.skip('only root can run the image without a container engine')
  return false
}

/** Runs a command in the image: read-only, as its user, with its variables and no others. */
export function runInImage(
  t: Cleanup,
  root: string,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningProcess {
  const { env: own, user } = readDockerfile()
  mkdirSync(join(root, 'proc'), { recursive: true })
  const script = [
    'mount --bind "$0" "$0"',
    'mount -t proc proc "$0/proc"',
    'mount -o remount,bind,ro "$0"',
    `exec setpriv --no-new-privs chroot --userspec=${user} "$0" "$@"`,
  ].join(' && ')
  const variables = Object.entries({ ...own, ...env }).map(([name, value]) => `${name}=${value}`)
  const words = ['-i', 'PATH=/usr/bin:/usr/sbin:/bin:/sbin', ...variables, 'unshare', '--mount']
  return startProcess(t, 'env', [...words, 'sh', '-ec', script, root, ...command])
}

export interface ImageFile {
  readonly path: string
  readonly size: number
  readonly mode: number
  readonly uid: number
  readonly changedMs: number
  readonly sha256: string
}

/** All files and links below a folder, sorted. */
export function listFiles(root: string): readonly ImageFile[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => {
      const { size, mode, uid, mtimeMs } = lstatSync(file)
      const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex')
      const path = file.slice(root.length + 1)
      return { path, size, mode, uid, changedMs: mtimeMs, sha256 }
    })
}
