import { parseDocument, stringify } from 'yaml'
import { moveOptions } from './option-values.ts'
import { movePodValues, type Put, type Tell } from './pod-values.ts'
import {
  createValuesReader,
  isEmpty,
  isTree,
  type Tree,
  type ValuesReader,
} from './values-reader.ts'

/** Something of oauth2-proxy's chart that a person has to look at. */
export interface MigrationNote {
  /** Its path there. */
  readonly path: string
  readonly why: string
}

export interface MigratedValues {
  /** Values of our chart, YAML. */
  readonly text: string
  readonly notes: readonly MigrationNote[]
}

/** Why something has no place in our chart; the longest path counts. */
const reasons: Readonly<Record<string, string>> = {
  alphaConfig: 'the structured configuration is not read: write its options to config',
  'config.existingConfig': 'its configuration file is not here: write its options to config',
  'config.google': 'groups of Google come with the sign-in: docs/providers/google.md',
  'config.forceLegacyConfig': 'there is one way to configure',
  'config.requiredSecretKeys': 'secrets lists the keys: empty the key of one that you do not have',
  image: 'it is the image of oauth2-proxy: the chart names its own',
  'redis-ha': 'there is no Redis in the chart: run it as you run yours, and name its address',
  redis: 'there is no Redis in the chart: run it as you run yours, and name its address',
  'initContainers.waitForRedis': 'nothing waits: a pod is not ready until Redis answers',
  htpasswdFile: 'passwords of its own are not part of the chart',
  networkPolicy: 'write networkPolicy.gateways and networkPolicy.egress',
  'ingress.path': 'the path is that of the portal, config.proxy_prefix',
  'gatewayApi.rules': 'the rule is that of the portal',
  livenessProbe: 'this part of a probe is not a value',
  readinessProbe: 'this part of a probe is not a value',
  'autoscaling.targetCPUUtilizationPercentage':
    'write autoscaling.metrics: one replica uses one core at most',
  'metrics.serviceMonitor.prometheusInstance': 'write metrics.serviceMonitor.labels',
  proxyVarsAsSecrets: 'secrets are files',
  enableServiceLinks: 'they are off',
  checkDeprecation: 'nothing is deprecated',
}

/**
 * Translates a values file of oauth2-proxy's chart (10.x); what is not translated is told of, and no
 * secret is copied. Throws an Error for the operator when the text is not a file of values.
 */
export function migrateChartValues(source: string): MigratedValues {
  const reader = createValuesReader(parseValues(source))
  const values: Record<string, unknown> = {}
  const notes: MigrationNote[] = []
  const put = (path: string, value: unknown): void => setAt(values, path.split('.'), value)
  const tell = (path: string, why: string): void => void notes.push({ path, why })

  movePodValues(reader, put, tell)
  moveOptions(reader, put, tell)
  tellOfMissing(values, tell)
  moveSecrets(reader, put, tell)
  moveRedis(reader, put, tell)
  moveEmails(reader, put)
  for (const path of reader.rest()) tell(path, reasonOf(path))
  return { text: stringify(values), notes }
}

function parseValues(source: string): Tree {
  const content: unknown = parseYaml(source)
  if (!isTree(content)) throw new Error('holds no values')
  return content
}

/** The parser's own message quotes the file, secrets included. */
function parseYaml(source: string): unknown {
  const document = parseDocument(source)
  const [error] = document.errors
  if (error) throw new Error(`is not valid YAML at line ${error.linePos?.[0].line ?? 1}`)
  return document.toJS()
}

function reasonOf(path: string): string {
  const known = Object.keys(reasons).filter((key) => path === key || path.startsWith(`${key}.`))
  const longest = known.sort((a, b) => b.length - a.length)[0]
  return longest === undefined ? 'has no counterpart' : (reasons[longest] ?? '')
}

/** What oauth2-proxy has by default or in a Secret, and the chart wants to be told. */
function tellOfMissing({ config }: Tree, tell: Tell): void {
  const { client_id, provider } = isTree(config) ? config : {}
  if (client_id === undefined) {
    tell(
      'config.clientID',
      'is not here, and the key client-id of a Secret is not read: write it to config.client_id',
    )
  }
  if (provider === undefined) {
    tell('config', 'names no provider, which meant google: write config.provider')
  }
}

function moveSecrets(reader: ValuesReader, put: Put, tell: Tell): void {
  const secret = reader.takeText('config.existingSecret')
  if (secret !== undefined) put('existingSecret', secret)
  for (const [path, key] of [
    ['config.clientSecret', 'client-secret'],
    ['config.cookieSecret', 'cookie-secret'],
  ] as const) {
    if (isEmpty(reader.take(path))) continue
    tell(path, `is not copied: put it into a Secret as ${key}, and name that in existingSecret`)
  }
}

function moveRedis(reader: ValuesReader, put: Put, tell: Tell): void {
  const redis = 'sessionStorage.redis'
  const name = reader.takeText(`${redis}.existingSecret`)
  const key = reader.takeText(`${redis}.passwordKey`) ?? 'redis-password'
  if (name !== undefined) put('secrets.redis_password', { name, key })
  if (!isEmpty(reader.take(`${redis}.password`))) {
    tell(
      `${redis}.password`,
      'is not copied: put it into a Secret, and name that in secrets.redis_password',
    )
  }
  const client = reader.takeText(`${redis}.clientType`) ?? 'standalone'
  const url = reader.takeText(`${redis}.standalone.connectionUrl`)
  if (client !== 'standalone')
    return tell(`${redis}.clientType`, `${client}: write its options to config`)
  if (url?.includes('@') === true) {
    tell(
      `${redis}.standalone.connectionUrl`,
      'holds a password: put the URL into a Secret, and name that in secrets.redis_connection_url',
    )
  } else if (url !== undefined) put('config.redis_connection_url', url)
}

/** The list of people, as a ConfigMap or Secret that is mounted. */
function moveEmails(reader: ValuesReader, put: Put): void {
  const from = 'authenticatedEmailsFile'
  if (reader.take(`${from}.enabled`) !== true) return
  const own = reader.takeText(`${from}.restricted_access`)
  const name = reader.takeText(`${from}.template`) ?? 'sallyport-emails'
  const key = reader.takeText(`${from}.restrictedUserAccessKey`) ?? 'restricted_user_access'
  const isSecret = reader.take(`${from}.persistence`) === 'secret'
  const volume = isSecret ? { secret: { secretName: name } } : { configMap: { name } }
  put('config.authenticated_emails_file', `/etc/sallyport/emails/${key}`)
  put('extraVolumes', [{ name: 'emails', ...volume }])
  put('extraVolumeMounts', [{ name: 'emails', mountPath: '/etc/sallyport/emails', readOnly: true }])
  if (own === undefined) return
  const content = isSecret
    ? { kind: 'Secret', stringData: { [key]: own } }
    : { kind: 'ConfigMap', data: { [key]: own } }
  put('extraObjects', [{ apiVersion: 'v1', metadata: { name }, ...content }])
}

/** Lists grow, everything else is replaced. */
function setAt(
  tree: Record<string, unknown>,
  [key = '', ...rest]: readonly string[],
  value: unknown,
): void {
  if (rest.length > 0) {
    tree[key] ??= {}
    setAt(tree[key] as Record<string, unknown>, rest, value)
    return
  }
  const present = tree[key]
  tree[key] =
    Array.isArray(present) && Array.isArray(value)
      ? [...(present as unknown[]), ...(value as unknown[])]
      : value
}
