import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createProxyTrust } from '../../../src/fronts/trust.ts'
import { parseIpRange, privateRanges, type IpRange } from '../../../src/lib/ip.ts'

function trustOf({
  reverse_proxy = true,
  trusted_proxy_ips = privateRanges,
  real_client_ip_header = 'X-Forwarded-For',
}: {
  reverse_proxy?: boolean
  trusted_proxy_ips?: readonly IpRange[]
  real_client_ip_header?: string
} = {}) {
  return createProxyTrust({ reverse_proxy, trusted_proxy_ips, real_client_ip_header })
}

describe('trusted peers', () => {
  const trust = trustOf()
  const peers: readonly (readonly [string, boolean])[] = [
    ['', true],
    ['10.0.0.7', true],
    ['::ffff:10.0.0.7', true],
    ['fd00::7', true],
    ['fe80::1%eth0', true],
    ['127.0.0.1', true],
    ['203.0.113.9', false],
    ['::ffff:203.0.113.9', false],
    ['2001:db8::9', false],
    ['unknown', false],
  ]
  for (const [peer, expected] of peers) {
    test(`${peer || 'a unix socket'} is ${expected ? 'one' : 'none'}`, () => {
      assert.equal(trust.isTrustedPeer(peer), expected)
      assert.equal(trust.isTrustedPeer(peer), expected)
    })
  }

  test('an empty list leaves the unix socket', () => {
    const nobody = trustOf({ trusted_proxy_ips: [] })
    assert.equal(nobody.isTrustedPeer('10.0.0.7'), false)
    assert.equal(nobody.isTrustedPeer(''), true)
  })

  test('without reverse_proxy a trusted peer forwards nothing', () => {
    assert.equal(trust.isForwarded('10.0.0.7'), true)
    assert.equal(trust.isForwarded('203.0.113.9'), false)
    assert.equal(trustOf({ reverse_proxy: false }).isForwarded('10.0.0.7'), false)
  })

  test('remembers addresses, but not without limit', () => {
    const asked: string[] = []
    const range = {
      source: 'counted',
      contains(address: string) {
        asked.push(address)
        return false
      },
    }
    const counted = trustOf({ trusted_proxy_ips: [range] })
    for (let round = 0; round < 3; round += 1) counted.isTrustedPeer('192.0.2.1')
    assert.equal(asked.length, 1)
    for (let host = 0; host < 10_000; host += 1) counted.isTrustedPeer(`2001:db8::${host}`)
    counted.isTrustedPeer('192.0.2.1')
    assert.equal(asked.filter((address) => address === '192.0.2.1').length, 2)
  })
})

describe('SEC-42: the client address from X-Forwarded-For', () => {
  const trust = trustOf()
  const chains: readonly (readonly [string | undefined, string])[] = [
    ['198.51.100.23', '198.51.100.23'],
    ['10.9.9.9, 198.51.100.23', '198.51.100.23'],
    ['10.9.9.9, 198.51.100.23, 10.0.0.1, 192.168.3.4', '198.51.100.23'],
    ['198.51.100.1,198.51.100.2', '198.51.100.2'],
    ['10.1.1.1, 10.2.2.2', '10.1.1.1'],
    ['nonsense, 198.51.100.23', '198.51.100.23'],
    ['198.51.100.23:4711', '198.51.100.23'],
    ['198.51.100.23:4711, 10.0.0.1:80', '198.51.100.23'],
    ['[2001:db8::23]:4711', '2001:db8::23'],
    ['[2001:db8::23]', '2001:db8::23'],
    ['2001:DB8:0:0::23', '2001:db8::23'],
    ['::ffff:198.51.100.23', '198.51.100.23'],
    ['[::ffff:198.51.100.23]:80, [fe80::1%eth0]:80', '198.51.100.23'],
    ['  198.51.100.23  ', '198.51.100.23'],
    ['198.51.100.23, unknown', ''],
    ['198.51.100.23, ', ''],
    ['198.51.100.23, 999.1.1.1', ''],
    ['198.51.100.23, _hidden', ''],
    ['127.1', ''],
    ['0x7f000001', ''],
    ['2130706433', ''],
    ['', ''],
    [undefined, ''],
  ]
  for (const [chain, client] of chains) {
    test(`${chain ?? 'absent'} is ${client || 'unknown'}`, () => {
      const headers = { 'x-forwarded-for': chain }
      assert.equal(trust.clientIp({ peer: '10.0.0.7', headers }), client)
    })
  }

  test('a stranger is who it is, whatever it forwards', () => {
    const headers = { 'x-forwarded-for': '10.9.9.9' }
    assert.equal(trust.clientIp({ peer: '203.0.113.9', headers }), '203.0.113.9')
    assert.equal(trust.clientIp({ peer: '::ffff:203.0.113.9', headers }), '203.0.113.9')
  })

  test('without reverse_proxy the peer is the client', () => {
    const headers = { 'x-forwarded-for': '198.51.100.23' }
    const direct = trustOf({ reverse_proxy: false })
    assert.equal(direct.clientIp({ peer: '10.0.0.7', headers }), '10.0.0.7')
    assert.equal(direct.clientIp({ peer: '', headers }), '')
  })

  test('only named proxies are walked across', () => {
    const range = parseIpRange('10.0.0.7')
    assert.ok(range)
    const one = trustOf({ trusted_proxy_ips: [range] })
    const headers = { 'x-forwarded-for': '198.51.100.23, 10.0.0.8' }
    assert.equal(one.clientIp({ peer: '10.0.0.7', headers }), '10.0.0.8')
  })
})

describe('SEC-42: the client address from another header', () => {
  const trust = trustOf({ real_client_ip_header: 'X-Real-IP' })
  const values: readonly (readonly [string | undefined, string])[] = [
    ['198.51.100.23', '198.51.100.23'],
    ['[2001:db8::23]:80', '2001:db8::23'],
    ['10.9.9.9, 198.51.100.23', ''],
    ['nonsense', ''],
    [undefined, ''],
  ]
  for (const [value, client] of values) {
    test(`${value ?? 'absent'} is ${client || 'unknown'}`, () => {
      const headers = { 'x-real-ip': value, 'x-forwarded-for': '192.0.2.1' }
      assert.equal(trust.clientIp({ peer: '10.0.0.7', headers }), client)
    })
  }
})

describe('who stands behind an address that the gateway names', () => {
  const trust = trustOf({ reverse_proxy: false })
  const cases: readonly (readonly [string, string | undefined, string])[] = [
    ['203.0.113.5', undefined, '203.0.113.5'],
    // Whoever is no proxy of ours tells nothing of others.
    ['203.0.113.5', '198.51.100.1', '203.0.113.5'],
    ['::ffff:203.0.113.5', '198.51.100.1', '203.0.113.5'],
    ['10.0.0.9', '198.51.100.1', '198.51.100.1'],
    ['10.0.0.9', '6.6.6.6, 198.51.100.1', '198.51.100.1'],
    ['10.0.0.9', '198.51.100.1, 10.0.0.8', '198.51.100.1'],
    ['10.0.0.9', undefined, '10.0.0.9'],
    ['10.0.0.9', 'nonsense', ''],
    ['', '198.51.100.1', ''],
    ['nonsense', '198.51.100.1', ''],
  ]
  for (const [source, chain, expected] of cases) {
    test(`${source} and ${chain ?? 'no header'}: ${expected || 'nobody knows'}`, () => {
      const headers = chain === undefined ? {} : { 'x-forwarded-for': chain }
      assert.equal(trust.clientBehind(source, { headers }), expected)
    })
  }
})
