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

const unset = { const: '' }
const switchedOn = { properties: { enabled: { const: true } }, required: ['enabled'] }

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
    port: { anyOf: [port, unset] },
    annotations: textMap,
    labels: textMap,
    trafficDistribution: text,
    ipFamilyPolicy: oneOf('', 'SingleStack', 'PreferDualStack', 'RequireDualStack'),
    ipFamilies: listOf(oneOf('IPv4', 'IPv6')),
  }),
  tls: closed({ secretName: text }),
  ports: closed({ http: port, metrics: port, grpc: port }),
}

const portal = {
  portal: closed({ host: { type: 'string', pattern: '^([a-z0-9.-]+(:[0-9]+)?)?$' } }),
  ingress: closed({
    enabled: flag,
    className: text,
    annotations: textMap,
    tlsSecretName: text,
  }),
  httpRoute: {
    ...closed({
      enabled: flag,
      annotations: textMap,
      parentRefs: listOf(anyObject),
      hostnames: listOf(text),
      filters: listOf(anyObject),
    }),
    if: switchedOn,
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
    then: { properties: { parentRefs: { minItems: 1 } }, required: ['parentRefs'] },
  },
}

const gateways = {
  gateway: oneOf('', 'ingress-nginx', 'traefik', 'envoy-gateway', 'gateway-api'),
  clusterDomain: { type: 'string', minLength: 1 },
  identityHeaders: listOf(text),
  traefik: closed({
    middlewares: listOf({
      ...closed({ name: text, namespace: text, query: text }),
      required: ['name'],
    }),
    caSecretName: text,
    maxResponseBodySize: flag,
    preserveLocationHeader: flag,
  }),
  envoyGateway: closed({
    securityPolicies: listOf({
      ...closed({
        name: text,
        namespace: text,
        targetRefs: { type: 'array', minItems: 1, items: anyObject },
        protocol: oneOf('http', 'grpc'),
        limits: text,
      }),
      required: ['name', 'targetRefs'],
    }),
    statusOnError: flag,
  }),
  grpc: closed({ enabled: flag, tlsSecretName: text }),
  gatewayApi: closed({
    backendTLSPolicy: closed({ enabled: flag, caCertificateRefs: listOf(anyObject) }),
    referenceGrants: listOf({
      ...closed({ namespace: text, kind: oneOf('HTTPRoute', 'GRPCRoute', 'SecurityPolicy') }),
      required: ['namespace', 'kind'],
    }),
    externalAuth: flag,
  }),
}

const share: Schema = {
  anyOf: [count, { type: 'string', pattern: '^([0-9]{1,3}%)?$' }],
}
const destination = closed({ to: listOf(anyObject), port })

const availability = {
  autoscaling: closed({
    enabled: flag,
    minReplicas: { type: 'integer', minimum: 1 },
    maxReplicas: { type: 'integer', minimum: 1 },
    metrics: { type: 'array', minItems: 1, items: anyObject },
    behavior: anyObject,
  }),
  podDisruptionBudget: {
    ...closed({ enabled: flag, maxUnavailable: share, minAvailable: share }),
    // Kubernetes takes one of them.
    anyOf: [{ properties: { maxUnavailable: unset } }, { properties: { minAvailable: unset } }],
  },
  topologySpread: closed({ enabled: flag, constraints: listOf(anyObject) }),
  networkPolicy: closed({
    enabled: flag,
    gateways: listOf(anyObject),
    metricsFrom: listOf(anyObject),
    egress: closed({
      enabled: flag,
      dns: flag,
      provider: destination,
      redis: destination,
      extra: listOf(anyObject),
    }),
  }),
}

const monitor = closed({
  enabled: flag,
  labels: textMap,
  interval: text,
  scrapeTimeout: text,
  relabelings: listOf(anyObject),
  metricRelabelings: listOf(anyObject),
})

const monitoring = {
  metrics: {
    ...closed({
      enabled: flag,
      serviceMonitor: monitor,
      podMonitor: monitor,
      rules: closed({
        enabled: flag,
        labels: textMap,
        runbookUrl: text,
        disabled: listOf(text),
        extra: listOf(anyObject),
      }),
      dashboard: closed({ enabled: flag, labels: textMap, annotations: textMap }),
    }),
    // Both would count everything twice.
    not: {
      properties: { serviceMonitor: switchedOn, podMonitor: switchedOn },
      required: ['serviceMonitor', 'podMonitor'],
    },
  },
}

const rest = {
  extraObjects: listOf({ type: ['object', 'string'] }),
  tests: closed({ enabled: flag }),
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
  ...portal,
  ...gateways,
  ...availability,
  ...monitoring,
  ...rest,
})
