import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  clientIpHeader,
  headerName,
  ipRanges,
  listenAddress,
  optionalListenAddress,
} from '../../../../src/config/kinds/network.ts'
import { accepts, refuses, warns } from './kind-cases.ts'

test('IP ranges take addresses and networks', () => {
  const parsed = ipRanges.parse('10.0.0.0/8,::1')
  assert.ok(parsed.ok)
  assert.deepEqual(
    parsed.value.map(({ source }) => source),
    ['10.0.0.0/8', '::1'],
  )
  assert.ok(parsed.value[0]?.contains('10.1.2.3'))
})
refuses('IP ranges', ipRanges, [
  ['10.0.0.1/8', /without host bits/],
  [['10.0.0.0/8', 'example.com'], /^entry 2 is neither/],
])
warns('IP ranges', ipRanges, [
  ['0.0.0.0/0', /every address/],
  ['::/0', /every address/],
])

const addresses = [
  ['127.0.0.1:4180', { kind: 'tcp', host: '127.0.0.1', port: 4180 }],
  ['http://127.0.0.1:4180', { kind: 'tcp', host: '127.0.0.1', port: 4180 }],
  [':4180', { kind: 'tcp', host: '', port: 4180 }],
  ['[::]:80', { kind: 'tcp', host: '::', port: 80 }],
  ['localhost:0', { kind: 'tcp', host: 'localhost', port: 0 }],
  ['unix:///run/app.sock', { kind: 'unix', path: '/run/app.sock' }],
] as const
accepts('a listening address', listenAddress, addresses)
accepts('an optional listening address', optionalListenAddress, [
  ...addresses,
  ['', undefined],
  ['-', undefined],
])
const notAddresses = [
  ['4180', /no address/],
  ['127.0.0.1', /no address/],
  ['127.0.0.1:65536', /no address/],
  ['127.0.0.1:http', /no address/],
  ['https://127.0.0.1:4180', /no address/],
  ['fd:3', /no address/],
  ['::1:80', /no address/],
  ['unix://relative', /absolute socket path/],
  ['unix:///run/app.sock,mode=0777', /file mode is not served/],
] as const
refuses('a listening address', listenAddress, [...notAddresses, ['', /no address/], ['-', /no a/]])
refuses('an optional listening address', optionalListenAddress, notAddresses)

accepts('a client address header', clientIpHeader, [
  ['x-forwarded-for', 'X-Forwarded-For'],
  ['X-Real-IP', 'X-Real-IP'],
])
refuses('a client address header', clientIpHeader, [['X-Client', /carries a client address/]])

accepts('a header name', headerName, [['X-Request-Id', 'X-Request-Id']])
refuses('a header name', headerName, [
  ['X Request', /not a header name/],
  ['', /not a header name/],
])
