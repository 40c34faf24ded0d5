import { isEmpty, isTree, type ValuesReader } from './values-reader.ts'

/** Where a value of oauth2-proxy's chart is in ours. */
const places: Readonly<Record<string, string>> = {
  'global.imageRegistry': 'global.imageRegistry',
  'global.imagePullSecrets': 'global.imagePullSecrets',
  nameOverride: 'nameOverride',
  fullnameOverride: 'fullnameOverride',
  namespaceOverride: 'namespaceOverride',
  customLabels: 'commonLabels',
  imagePullSecrets: 'imagePullSecrets',
  'image.pullPolicy': 'image.pullPolicy',
  replicaCount: 'replicaCount',
  revisionHistoryLimit: 'revisionHistoryLimit',
  strategy: 'strategy',
  resources: 'resources',
  nodeSelector: 'nodeSelector',
  tolerations: 'tolerations',
  affinity: 'affinity',
  priorityClassName: 'priorityClassName',
  podAnnotations: 'podAnnotations',
  podLabels: 'podLabels',
  podSecurityContext: 'podSecurityContext',
  topologySpreadConstraints: 'topologySpread.constraints',
  envFrom: 'extraEnvFrom',
  extraVolumes: 'extraVolumes',
  extraVolumeMounts: 'extraVolumeMounts',
  extraContainers: 'sidecars',
  extraInitContainers: 'initContainers',
  extraObjects: 'extraObjects',
  'serviceAccount.enabled': 'serviceAccount.create',
  'serviceAccount.name': 'serviceAccount.name',
  'serviceAccount.annotations': 'serviceAccount.annotations',
  'service.type': 'service.type',
  'service.portNumber': 'service.port',
  'service.annotations': 'service.annotations',
  'service.trafficDistribution': 'service.trafficDistribution',
  'ingress.enabled': 'ingress.enabled',
  'ingress.className': 'ingress.className',
  'ingress.annotations': 'ingress.annotations',
  'gatewayApi.enabled': 'httpRoute.enabled',
  'gatewayApi.hostnames': 'httpRoute.hostnames',
  'gatewayApi.annotations': 'httpRoute.annotations',
  'podDisruptionBudget.enabled': 'podDisruptionBudget.enabled',
  'podDisruptionBudget.minAvailable': 'podDisruptionBudget.minAvailable',
  'podDisruptionBudget.maxUnavailable': 'podDisruptionBudget.maxUnavailable',
  'autoscaling.enabled': 'autoscaling.enabled',
  'autoscaling.minReplicas': 'autoscaling.minReplicas',
  'autoscaling.maxReplicas': 'autoscaling.maxReplicas',
  'autoscaling.behavior': 'autoscaling.behavior',
  'metrics.enabled': 'metrics.enabled',
  'metrics.port': 'ports.metrics',
  'metrics.serviceMonitor.enabled': 'metrics.serviceMonitor.enabled',
  'metrics.serviceMonitor.labels': 'metrics.serviceMonitor.labels',
  'metrics.serviceMonitor.interval': 'metrics.serviceMonitor.interval',
  'metrics.serviceMonitor.scrapeTimeout': 'metrics.serviceMonitor.scrapeTimeout',
  'metrics.serviceMonitor.relabelings': 'metrics.serviceMonitor.relabelings',
  'metrics.serviceMonitor.metricRelabelings': 'metrics.serviceMonitor.metricRelabelings',
}

const probeFields = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'failureThreshold']

/** Receives one value of our chart. */
export type Put = (path: string, value: unknown) => void

/** Receives what a person has to look at: a path of oauth2-proxy's chart, and why. */
export type Tell = (path: string, why: string) => void

/** All that says how the pods run and how they are reached, but not what Sallyport does. */
export function movePodValues(reader: ValuesReader, put: Put, tell: Tell): void {
  for (const [from, to] of Object.entries(places)) {
    const value = reader.take(from)
    if (!isEmpty(value)) put(to, value)
  }
  for (const probe of ['livenessProbe', 'readinessProbe']) {
    for (const field of probeFields) {
      const value = reader.take(`${probe}.${field}`)
      if (value !== undefined) put(`${probe}.${field}`, value)
    }
  }
  if (reader.take('service.ipDualStack.enabled') === true) {
    put('service.ipFamilies', reader.take('service.ipDualStack.ipFamilies') ?? ['IPv6', 'IPv4'])
    const policy = reader.take('service.ipDualStack.ipFamilyPolicy') ?? 'PreferDualStack'
    put('service.ipFamilyPolicy', policy)
  }
  moveRoutes(reader, put, tell)
  moveSecurityContext(reader, put, tell)
}

/** One portal has one host. */
function moveRoutes(reader: ValuesReader, put: Put, tell: Tell): void {
  const [host, ...others] = reader.takeTexts('ingress.hosts')
  const name = host ?? reader.takeTexts('gatewayApi.hostnames')[0]
  if (name !== undefined) put('portal.host', name)
  if (others.length > 0) {
    tell('ingress.hosts', `only ${host} is the portal's; the apps' own Ingresses guard the others`)
  }
  const tls = reader.take('ingress.tls')
  const [first, ...more] = Array.isArray(tls) ? (tls as readonly unknown[]) : []
  if (isTree(first)) put('ingress.tlsSecretName', first['secretName'])
  if (more.length > 0) tell('ingress.tls', 'one certificate is moved: the first')
  const gateway = reader.take('gatewayApi.gatewayRef')
  if (isTree(gateway) && !isEmpty(gateway)) put('httpRoute.parentRefs', [gateway])
}

function moveSecurityContext(reader: ValuesReader, put: Put, tell: Tell): void {
  const context = reader.take('securityContext')
  if (!isTree(context)) return
  const { enabled, ...fields } = context
  if (enabled === false) tell('securityContext.enabled', 'the pods are restricted always')
  else if (!isEmpty(fields)) put('securityContext', fields)
}
