import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { normalizeIp, partyOf, parseIpRange, privateRanges } from '../../../src/lib/ip.ts'

describe('a range contains', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['10.0.0.0/8', '::ffff:a01:203', true],
    ['10.0.0.0/8', 'fd00::1', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '::1', false],
    ['::/0', '::1', true],
    ['::/0', '203.0.113.9', false],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.2', false],
    ['192.0.2.0/25', '192.0.2.128', false],
    ['192.0.2.1/32', '192.0.2.1', true],
    ['fd00::/8', 'fdff::1', true],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['2001:db8::1', '2001:DB8:0:0:0:0:0:1', true],
    ['2001:db8::1', '2001:db8::2', false],
    ['::ffff:10.0.0.1', '10.0.0.1', true],
    ['::ffff:10.0.0.0/104', '10.9.9.9', true],
    ['::ffff:10.0.0.0/104', '11.0.0.0', false],
    ['::ffff:0:0/96', '203.0.113.9', true],
    ['10.0.0.0/8', '', false],
    ['10.0.0.0/8', 'gateway', false],
    ['10.0.0.0/8', '10.1', false],
    ['10.0.0.0/8', '10.0.0.1:80', false],
    ['10.0.0.0/8', '10.0.0.1%eth0', false],
  ]
  for (const [source, address, expected] of cases) {
    test(`${source} ${expected ? 'contains' : 'does not contain'} ${address}`, () => {
      const range = parseIpRange(source)
      assert.equal(range?.source, source)
      assert.equal(range.contains(address), expected)
    })
  }
})

describe('no range', () => {
  for (const source of [
    '',
    '/',
    '/8',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.0.0',
    '10.0.0.0/ 8',
    ' 10.0.0.0/8',
    '10.0.0.0/8.0',
    '10.0.0.1/8',
    '10.0.0.1/31',
    '10.0.0',
    '10',
    '010.0.0.1',
    '0x0a.0.0.1',
    '256.0.0.1',
    '1.2.3.4.5',
    '10.0.0.1%eth0',
    'fd00::1/8',
    'fd00::/129',
    'fd00:::/8',
    '::ffff:10.0.0.0/8',
    '::ffff:10.0.0.1/104',
    '[::1]',
    'localhost',
    '*',
  ]) {
    test(JSON.stringify(source), () => assert.equal(parseIpRange(source), undefined))
  }
})

describe('the canonical text', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:201', '192.0.2.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['', undefined],
    ['192.0.2.1:80', undefined],
    ['[::1]', undefined],
    ['%eth0', undefined],
    ['3221225985', undefined],
    ['192.0.513', undefined],
    ['0300.0.2.1', undefined],
    ['192.0.2.01', undefined],
  ]
  for (const [address, expected] of cases) {
    test(`of ${JSON.stringify(address)}`, () => assert.equal(normalizeIp(address), expected))
  }
})

test('SEC-40: a party is an IPv4 address or a /64, however it is written', () => {
  const parties = [
    ['192.0.2.1', '::ffff:192.0.2.1'],
    ['192.0.2.2'],
    ['2001:db8:1:2::1', '2001:0DB8:1:2:ffff::'],
    ['2001:db8:1:3::1'],
    ['', 'unknown'],
  ]
  const names = parties.map((addresses) => new Set(addresses.map((address) => partyOf(address))))
  for (const [index, name] of names.entries()) assert.equal(name.size, 1, String(parties[index]))
  assert.equal(new Set(names.map((name) => [...name].join())).size, parties.length)
})

test('private ranges hold the addresses of clusters and no public one', () => {
  const isPrivate = (address: string) => privateRanges.some((range) => range.contains(address))
  const inside =
    '10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 100.64.0.1 127.0.0.1 169.254.1.1 ::1 fd00::1 fe80::1'
  const outside =
    '9.255.255.255 11.0.0.0 172.15.0.1 172.32.0.1 192.169.0.1 100.128.0.1 8.8.8.8 0.0.0.0 :: 2001:db8::1'
  for (const address of inside.split(' ')) assert.equal(isPrivate(address), true, address)
  for (const address of outside.split(' ')) assert.equal(isPrivate(address), false, address)
})
