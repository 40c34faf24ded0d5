// The image as a real engine builds it from the Dockerfile. That it has what it should is looked at in
// test/e2e/image.test.ts, in a root that this machine assembles: here both are the same.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { requiredFlags } from '../support/app.ts'
import { eventually } from '../support/eventually.ts'
import {
  assembleRoot,
  buildApp,
  listFiles,
  readDockerfile,
  runInImage,
  type ImageFile,
} from '../support/image.ts'
import { buildImage, requireEngine } from '../support/kubernetes/build-image.ts'
import { freePort, temporaryFolder } from '../support/process.ts'
import { createUserAgent } from '../support/user-agent.ts'

test('the Dockerfile, built whole by a real engine', async (t) => {
  if (!requireEngine(t)) return
  const { root, config } = buildImage(t)
  // Of Node in the official image; npm's package, which may have made the base image, has none.
  const files = listFiles(root).filter(({ path }) => path !== 'usr/share/doc/nodejs/LICENSE')

  await t.test('says to engines what it is and how it runs', () => {
    const dockerfile = readDockerfile()
    assert.equal(config.User, '65532:65532')
    assert.deepEqual(config.Entrypoint, dockerfile.entrypoint)
    assert.deepEqual(config.Healthcheck.Test, ['CMD', ...dockerfile.healthcheck])
    assert.deepEqual(Object.keys(config.ExposedPorts), ['4180/tcp'])
    const variables = Object.entries(dockerfile.env).map(([name, value]) => `${name}=${value}`)
    assert.deepEqual(
      config.Env.filter((variable) => !variable.startsWith('PATH=')),
      variables,
    )
    const label = (name: string): unknown => config.Labels[`org.opencontainers.image.${name}`]
    assert.deepEqual([label('title'), label('licenses')], ['sallyport', 'Apache-2.0'])
    assert.equal(label('version'), dockerfile.args.get('VERSION'))
  })

  await t.test('has the files that the other tests of the image look at', () => {
    const folder = temporaryFolder(t)
    const [app, assembled] = [join(folder, 'app'), join(folder, 'root')]
    buildApp(app)
    assembleRoot(assembled, app)
    const others = listFiles(assembled)
    assert.deepEqual(differences(files, others, describe), [])
    // Debian's own may be of another point release; source maps say where the sources were.
    const own = ({ path }: ImageFile): boolean => /^(app|usr\/bin)\/.*(?<!\.map)$/.test(path)
    const bytes = ({ path, sha256 }: ImageFile): string => `${path} ${sha256}`
    assert.deepEqual(differences(files.filter(own), others.filter(own), bytes), [])
  })

  await t.test('serves, is healthy, and stops when told', async (t) => {
    const address = `127.0.0.1:${await freePort()}`
    const flags = requiredFlags.filter((flag) => !flag.startsWith('--http-address'))
    const argv = [...config.Entrypoint, ...flags, `--http-address=${address}`]
    const running = runInImage(t, root, argv)
    await eventually(() => createUserAgent().request(`http://${address}/ready`), {
      timeoutMs: 30_000,
    })
    const [, ...healthcheck] = config.Healthcheck.Test
    const health = runInImage(t, root, [...healthcheck, `--http-address=${address}`])
    assert.equal(await health.exited, 0, health.output())
    assert.equal(await running.stop('SIGTERM'), 0)
  })
})

const describe = ({ path, uid, mode, changedMs }: ImageFile): string =>
  `${path} of ${uid}, mode ${mode}, changed ${changedMs}`

/** What is said of a file in one of the lists only. */
function differences(
  files: readonly ImageFile[],
  others: readonly ImageFile[],
  say: (file: ImageFile) => string,
): readonly string[] {
  const [here, there] = [new Set(files.map(say)), new Set(others.map(say))]
  return [...here, ...there].filter((text) => !here.has(text) || !there.has(text))
}
