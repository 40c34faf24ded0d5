// Import directions (docs/architecture.md): lowest layer first; a module sees its own folder and
// lower layers. test/architecture/layers.test.ts plants a violation of each rule by name.
const layers = [
  ['lib'],
  ['core'],
  ['config'],
  ['fronts', 'session', 'oidc', 'policy', 'headers', 'redirects', 'pages', 'upstream', 'telemetry'],
  ['auth'],
  ['http', 'grpc'],
  ['cli'],
]

/** A package that only one place of src may import. */
const confined = (pkg, where) => ({
  name: `${pkg.replace(/\W+/g, '-').replace(/^-/, '')}-confined`,
  severity: 'error',
  from: { path: '^src/', pathNot: where },
  to: { path: `node_modules/${pkg}/` },
})

const rules = [
  { name: 'no-circular', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
  {
    name: 'no-unresolvable',
    severity: 'error',
    from: { path: '^src/' },
    to: { couldNotResolve: true },
  },
  {
    name: 'no-dev-dependency',
    severity: 'error',
    from: { path: '^src/' },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'no-orphan',
    severity: 'error',
    from: { path: '^src/', orphan: true },
    to: {},
  },
  {
    name: 'nobody-imports-app',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/(main|cli/)' },
    to: { path: '^src/app[.]ts' },
  },
  {
    name: 'nobody-imports-main',
    severity: 'error',
    from: { path: '^src/' },
    to: { path: '^src/main[.]ts' },
  },
  {
    name: 'config-is-types-only',
    severity: 'error',
    from: {
      path: '^src/(fronts|session|oidc|policy|headers|redirects|pages|upstream|telemetry|auth|http|grpc)/',
    },
    to: { path: '^src/config/', dependencyTypesNot: ['type-only'] },
  },
  confined('fastify', '^src/http/'),
  confined('@fastify', '^src/http/'),
  confined('@grpc', '^src/grpc/'),
  confined('protobufjs', '^src/grpc/'),
  confined('ioredis', '^src/session/stores/redis'),
  confined('openid-client', '^src/oidc/'),
  confined('jose', '^src/oidc/'),
  confined('undici', '^src/oidc/'),
  confined('prom-client', '^src/telemetry/'),
  confined('pino', '^src/telemetry/'),
  confined('smol-toml', '^src/config/'),
  confined('yaml', '^src/config/'),
]
layers.forEach((peers, level) => {
  for (const module of peers) {
    const allowed = [module, ...layers.slice(0, level).flat()].join('|')
    rules.push({
      name: `layer-${module}`,
      severity: 'error',
      from: { path: `^src/${module}/` },
      // The command line starts the program, so it alone may reach the composition root.
      to: {
        path: '^src/',
        pathNot: `^src/(${allowed})/${module === 'cli' ? '|^src/app[.]ts' : ''}`,
      },
    })
  }
})

module.exports = {
  forbidden: rules,
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
}
