import assert from 'node:assert/strict'
import { accessSync, constants, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { residentMebibytes } from '../bench/process-usage.ts'
import { requiredFlags } from '../support/app.ts'
import { eventually } from '../support/eventually.ts'
import {
  assembleRoot,
  buildApp,
  listFiles,
  readDockerfile,
  requireRoot,
  runInImage,
} from '../support/image.ts'
import { freePort, temporaryFolder } from '../support/process.ts'
import { createUserAgent } from '../support/user-agent.ts'

const { args, user, entrypoint, healthcheck } = readDockerfile()

test('the image', async (t) => {
  if (!requireRoot(t)) return
  const folder = temporaryFolder(t)
  const [app, root] = [join(folder, 'app'), join(folder, 'root')]
  buildApp(app)
  assembleRoot(root, app)
  const files = listFiles(root)

  await t.test('is below 190 MB, most of it Node', (t) => {
    const megabytes = (part: RegExp): number =>
      files.reduce((sum, { path, size }) => sum + (part.test(path) ? size : 0), 0) / 1e6
    const parts = {
      all: /./,
      node: /bin\/node$/,
      dependencies: /app\/node_modules/,
      dist: /app\/dist/,
    }
    for (const [name, part] of Object.entries(parts)) {
      t.diagnostic(`${name}: ${megabytes(part).toFixed(1)} MB`)
    }
    assert.ok(megabytes(parts.all) < 190)
    const own = megabytes(parts.all) - megabytes(parts.node) - megabytes(parts.dependencies)
    assert.ok(own < 10, `${own} MB besides Node and the dependencies`)
  })

  await t.test('runs nothing but Node: no shell, no package manager', () => {
    const executables = files.filter(({ path, mode }) => {
      const isLibrary = /^lib(64)?\//.test(path)
      return (mode & 0o111) !== 0 && !isLibrary && !path.startsWith('app/')
    })
    assert.deepEqual(executables.map(({ path }) => path).sort(), [
      'usr/bin/node',
      'usr/bin/sallyport',
    ])
  })

  await t.test('has the production dependencies of the lock file and no others', () => {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      packages: Readonly<Record<string, { dev?: boolean; version: string }>>
    }
    const locked = Object.entries(packages)
      .filter(([path, { dev }]) => path !== '' && dev !== true)
      .map(([path, { version }]) => `${path}@${version}`)
    const shipped = files
      .filter(({ path }) =>
        /^app\/((.*\/)?node_modules\/(@[^/]+\/)?[^/]+)\/package.json$/.test(path),
      )
      .map(({ path }) => {
        const { version } = JSON.parse(readFileSync(join(root, path), 'utf8')) as {
          version: string
        }
        return `${path.replace(/^app\/|\/package.json$/g, '')}@${version}`
      })
    assert.deepEqual(shipped.sort(), locked.sort())
  })

  await t.test('tells scanners what of Debian is in it, with the licences', () => {
    for (const name of ['libc6', 'libgcc-s1', 'libstdc++6']) {
      const status = readFileSync(join(root, 'var/lib/dpkg/status.d', name), 'utf8')
      assert.match(
        status,
        new RegExp(`^Package: ${name.replaceAll('+', '[+]')}\n[^]*^Version: `, 'm'),
      )
    }
  })

  await t.test('belongs to root, and nobody else may write to it', () => {
    for (const { path, uid, mode } of files) {
      assert.equal(uid, 0, path)
      assert.equal(mode & 0o022, 0, path)
    }
  })

  await t.test('comes out the same when it is made again', () => {
    const again = join(folder, 'again')
    assembleRoot(again, app)
    assert.deepEqual(listFiles(again), files)
  })

  await t.test('serves read-only as its user, is healthy, and stops when told', async (t) => {
    const address = `127.0.0.1:${await freePort()}`
    const flags = requiredFlags.filter((flag) => !flag.startsWith('--http-address'))
    const argv = [...flags, `--http-address=${address}`]
    const health = (): Promise<number | undefined> =>
      runInImage(t, root, [...healthcheck, `--http-address=${address}`]).exited

    assert.equal(await health(), 1)
    const started = performance.now()
    const running = runInImage(t, root, [...entrypoint, ...argv])
    await eventually(() => createUserAgent().request(`http://${address}/ready`))
    t.diagnostic(`first answer after ${Math.round(performance.now() - started)} ms`)
    assert.equal(await health(), 0)

    const status = readFileSync(`/proc/${running.pid}/status`, 'utf8')
    assert.match(status, /^Uid:\s65532\s65532\s65532\s65532$/m)
    assert.match(status, /^Gid:\s65532\s/m)
    assert.match(status, /^CapEff:\s0+$/m)
    const idle = residentMebibytes(running.pid)
    const ratio = idle / (await bareMebibytes(t, root))
    t.diagnostic(`idle: ${Math.round(idle)} MiB, ${ratio.toFixed(2)} times a bare server of Node`)
    assert.ok(ratio < 1.4, `${idle} MiB, ${ratio} times a bare server of Node`)
    const page = await createUserAgent().request(`http://${address}/oauth2/sign_in`)
    assert.match(page.body, /Sign in/i)

    assert.equal(await running.stop('SIGTERM'), 0)
    assert.match(running.output(), /"msg":"stopped"/)
  })

  await t.test('cannot be written to', async (t) => {
    const script = 'fs.writeFileSync("/app/planted.js", "")'
    const running = runInImage(t, root, ['/usr/bin/node', '--eval', script])
    assert.equal(await running.exited, 1)
    assert.match(running.output(), /EROFS/)
  })

  await t.test('finds its program by the path that the Dockerfile starts', () => {
    assert.equal(user, '65532:65532')
    for (const [program = ''] of [entrypoint, healthcheck]) {
      accessSync(join(root, program), constants.X_OK)
    }
  })
})

test('the Dockerfile names the versions of package.json and of the Node that tests run on', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  assert.equal(args.get('VERSION'), version)
  assert.ok(args.get('NODE_IMAGE')?.includes(`node:${process.versions.node}-bookworm-slim`))
})

/** Memory of Node's own HTTP server, an ES module too, in the image, after an answer. */
async function bareMebibytes(t: TestContext, root: string): Promise<number> {
  const port = await freePort()
  const program = `import { createServer } from 'node:http'
    createServer((_, response) => response.end()).listen(${port}, '127.0.0.1')`
  const running = runInImage(t, root, ['/usr/bin/node', '--input-type=module', '--eval', program])
  await eventually(() => createUserAgent().request(`http://127.0.0.1:${port}/`))
  return residentMebibytes(running.pid)
}
