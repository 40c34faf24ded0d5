import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'

/** What stands behind the names in `manifests/gateways/`. */
export interface Site {
  /** Where the gateway listens. */
  readonly port: number
  readonly sallyport: number
  readonly app: number
}

/** Browsers treat `*.localhost` like https: `Sec-Fetch-*` headers come, as in production. */
export const appUrl = ({ port }: Pick<Site, 'port'>): string =>
  `http://app.example.localhost:${port}`
export const authUrl = ({ port }: Pick<Site, 'port'>): string =>
  `http://auth.example.localhost:${port}`

/** A file of `manifests/gateways/` with the site's names and ports instead of the example's. */
export function readManifest(path: string, site: Site): string {
  return readFileSync(`manifests/gateways/${path}`, 'utf8')
    .replaceAll('https://auth.example.com', authUrl(site))
    .replaceAll('example.com', 'example.localhost')
    .replaceAll('listen 80;', `listen 127.0.0.1:${site.port};`)
    .replaceAll('server sallyport:4180;', `server 127.0.0.1:${site.sallyport};`)
    .replaceAll('server app:8080;', `server 127.0.0.1:${site.app};`)
    .replaceAll(
      'http://sallyport.sallyport.svc.cluster.local',
      `http://127.0.0.1:${site.sallyport}`,
    )
}

/** The objects of a YAML manifest. */
export function readObjects(path: string, site: Site): readonly unknown[] {
  return parseAllDocuments(readManifest(path, site)).map((document) => document.toJS() as unknown)
}
