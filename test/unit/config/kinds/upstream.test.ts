import { upstreams } from '../../../../src/config/kinds/upstream.ts'
import { accepts, refuses } from './kind-cases.ts'

accepts('upstreams', upstreams, [
  ['', []],
  ['http://app:8080', [{ kind: 'http', path: '/', url: new URL('http://app:8080') }]],
  ['https://app/a/', [{ kind: 'http', path: '/a/', url: new URL('https://app/a/') }]],
  ['static://200', [{ kind: 'static', path: '/', status: 200 }]],
  ['file:///var/www', [{ kind: 'file', path: '/var/www', directory: '/var/www' }]],
  ['file:///var/my%20www/#/s/', [{ kind: 'file', path: '/s/', directory: '/var/my www/' }]],
])
refuses('upstreams', upstreams, [
  ['app:8080', /not an upstream/],
  ['127.0.0.1:8080', /not an upstream/],
  ['http:///app', /no host/],
  ['http://user:pass@app', /user name or password/],
  ['unix:///run/app.sock', /not served yet/],
  ['static://', /no HTTP status/],
  ['static://99', /no HTTP status/],
  ['static://2000', /no HTTP status/],
  ['file:///%zz', /not a directory/],
  ['file://host/www', /not a directory/],
  ['file:///www#s', /not a directory/],
  [['http://a', 'http://b'], /two entries for one path/],
  [['http://a', 'b'], /^entry 2 is not an upstream/],
])
