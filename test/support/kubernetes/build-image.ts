// The Dockerfile, whole, by an engine that needs no daemon: buildah, whose commands run in a chroot.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Cleanup } from '../cleanup.ts'
import { cache, requireComponent } from '../components.ts'
import { readDockerfile, requireRoot } from '../image.ts'
import { temporaryFolder } from '../process.ts'

const base = `docker.io/library/${readDockerfile().args.get('NODE_IMAGE')}`
const debian = /-(\w+)-slim$/.exec(base)?.[1] ?? ''
const npm = 'npm@11.19.1'

/** Where the base image is kept, whether it is there or not. */
export const baseImage = join(cache, `${base.replaceAll(/[/:]/g, '-')}.tar`)

/** $0: a scratch folder, $1: the image's name, $2: its Debian, $3: Node, $4: npm. */
const script = `
buildah="buildah --root $0/images --runroot $0/run --storage-driver vfs"
if ! timeout 300 $buildah pull --quiet "$1"; then
  echo "no registry can be reached: $1 is made of what it is made of, Debian, Node and npm"
  debootstrap --variant=minbase "$2" "$0/root" http://deb.debian.org/debian >"$0/debootstrap.log"
  npm pack --silent --pack-destination "$0" "$4" >"$0/npm.log"
  mkdir -p "$0/root/usr/local/lib/node_modules" "$0/root/etc/ssl/certs"
  tar -xzf "$0"/npm-*.tgz -C "$0/root/usr/local/lib/node_modules"
  mv "$0/root/usr/local/lib/node_modules/package" "$0/root/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$0/root/usr/local/bin/npm"
  cp "$3" "$0/root/usr/local/bin/node"
  # Whom this machine trusts: its way to npm may have an authority of its own.
  cp /etc/ssl/certs/ca-certificates.crt "$0/root/etc/ssl/certs/"
  container=$($buildah from scratch)
  $buildah add --quiet "$container" "$0/root" /
  $buildah config --env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt "$container"
  $buildah commit --quiet --rm "$container" "$1"
fi
$buildah push --quiet "$1" "oci-archive:$0/image.tar:$1"
`

/** Puts the base image of the Dockerfile into the cache, if that is possible here. */
export function installBaseImage(): void {
  if (existsSync(baseImage)) return
  mkdirSync(cache, { recursive: true })
  const scratch = mkdtempSync(join(cache, 'base-image-'))
  try {
    const args = ['-ec', script, scratch, base, debian, process.execPath, npm]
    const { status } = spawnSync('sh', args, { stdio: 'inherit' })
    if (status === 0) renameSync(join(scratch, 'image.tar'), baseImage)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** False when the test was skipped: this machine has no engine, or nothing to build from. */
export function requireEngine(t: TestContext): boolean {
  if (!requireRoot(t) || requireComponent(t, 'buildah') === undefined) return false
  if (existsSync(baseImage)) return true
  if (process.env['CI'] === 'true') throw new Error(`no base image ${base}`)
  t.skip(`no base image ${base} (npm run test:kubernetes gets it, as root)`)
  return false
}

/** What an engine gives a container of an image. */
export interface ImageConfig {
  readonly User: string
  readonly Env: readonly string[]
  readonly Entrypoint: readonly string[]
  readonly Healthcheck: { readonly Test: readonly string[] }
  readonly Labels: Readonly<Record<string, string>>
  readonly ExposedPorts: Readonly<Record<string, unknown>>
}

export interface BuiltImage {
  /** Its files. */
  readonly root: string
  readonly config: ImageConfig
}

/** Builds the Dockerfile as it is. */
export function buildImage(t: Cleanup): BuiltImage {
  const folder = temporaryFolder(t)
  const storage = ['--root', join(folder, 'images'), '--runroot', join(folder, 'run')]
  const buildah = (...args: readonly string[]): string => {
    const words = [...storage, '--storage-driver', 'vfs', ...args]
    const { status, stdout, stderr } = spawnSync('buildah', words, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`buildah ${args.join(' ')}:\n${stdout}${stderr}`)
    return stdout.trim()
  }
  const id = buildah('pull', '--quiet', `oci-archive:${baseImage}`)
  buildah('tag', id, base)
  // Docker's own format: the one that has a HEALTHCHECK.
  const options = ['--isolation=chroot', '--pull=never', '--format=docker']
  buildah('build', ...options, '--tag', 'sallyport', '.')
  const inspected = JSON.parse(buildah('inspect', '--type=image', 'sallyport')) as {
    readonly Docker: { readonly config: ImageConfig }
  }
  const container = buildah('from', '--pull=never', 'sallyport')
  return { root: buildah('mount', container), config: inspected.Docker.config }
}
