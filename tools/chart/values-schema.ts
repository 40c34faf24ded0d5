import { configSchema, secretsSchema } from './config-schema.ts'
import {
  anyObject,
  closed,
  count,
  flag,
  listOf,
  oneOf,
  port,
  text,
  textMap,
  type Schema,
} from './schema-parts.ts'

const pullSecrets = listOf(closed({ name: text }))
const probe = closed({
  initialDelaySeconds: count,
  periodSeconds: count,
  timeoutSeconds: count,
  failureThreshold: count,
  successThreshold: count,
})

const names = {
  nameOverride: text,
  fullnameOverride: text,
  namespaceOverride: text,
  commonLabels: textMap,
  commonAnnotations: textMap,
  // An umbrella chart's globals are passed to each of its charts.
  global: {
    type: 'object',
    properties: { imageRegistry: text, imagePullSecrets: pullSecrets },
  },
}

const configuration = {
  config: configSchema(),
  existingSecret: text,
  secrets: secretsSchema(),
  trustedCA: closed({ configMapName: text, secretName: text, key: text }),
}

const image = {
  image: closed({
    registry: text,
    repository: { type: 'string', minLength: 1 },
    tag: { type: 'string', pattern: '^[a-zA-Z0-9_.-]*$' },
    digest: { type: 'string', pattern: '^(sha256:[a-f0-9]{64})?$' },
    pullPolicy: oneOf('Always', 'IfNotPresent', 'Never'),
  }),
  imagePullSecrets: pullSecrets,
}

const pods = {
  replicaCount: count,
  revisionHistoryLimit: count,
  strategy: anyObject,
  terminationGracePeriodSeconds: count,
  preStopSleepSeconds: count,
  resources: anyObject,
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
  podSecurityContext: anyObject,
  securityContext: anyObject,
  serviceAccount: closed({ create: flag, name: text, annotations: textMap }),
  podLabels: textMap,
  podAnnotations: textMap,
  nodeSelector: textMap,
  tolerations: listOf(anyObject),
  affinity: anyObject,
  priorityClassName: text,
  runtimeClassName: text,
}

const extras = {
  extraEnv: listOf(anyObject),
  extraEnvFrom: listOf(anyObject),
  extraArgs: listOf(text),
  extraVolumes: listOf(anyObject),
  extraVolumeMounts: listOf(anyObject),
  initContainers: listOf(anyObject),
  sidecars: listOf(anyObject),
}

const service = {
  service: closed({
    type: oneOf('ClusterIP', 'NodePort', 'LoadBalancer'),
    port,
    annotations: textMap,
    labels: textMap,
    trafficDistribution: text,
    ipFamilyPolicy: oneOf('', 'SingleStack', 'PreferDualStack', 'RequireDualStack'),
    ipFamilies: listOf(oneOf('IPv4', 'IPv6')),
  }),
  ports: closed({ http: port, metrics: port }),
}

const monitoring = {
  metrics: closed({ enabled: flag }),
}

/** The values of the chart, closed. Descriptions are in values.yaml. */
export const valuesSchema: Schema = closed({
  // The condition with which an umbrella chart switches this one on.
  enabled: flag,
  ...names,
  ...configuration,
  ...image,
  ...pods,
  ...extras,
  ...service,
  ...monitoring,
})
