import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfigFile } from '../../../../src/config/sources/file.ts'
import { memoryFiles, problems } from '../load-with.ts'

const read = (name: string, text: string) => readConfigFile(name, memoryFiles({ [name]: text }))

const toml = `# a comment with client_id = "nobody"
client_id = 271863527485685763
Cookie_Secure = false
"email_domains" = [
  "a.example", # one
  "b.example",
]
upstream_timeout = "5s"
`
const yaml = `client_id: 271863527485685763
Cookie_Secure: false
email_domains:
  - a.example
  - b.example
upstream_timeout: 5s
scope:
`
for (const [name, text, lines] of [
  ['app.toml', toml, [2, 3, 4, 8]],
  ['app.yaml', yaml, [1, 2, 3, 6]],
  ['app.YML', yaml, [1, 2, 3, 6]],
] as const) {
  test(`reads keys of any case, exact integers and lists from ${name}, with their lines`, () => {
    const [id, secure, domains, timeout] = lines.map((line) => `${name} line ${line}`)
    assert.deepEqual(read(name, text), {
      settings: [
        { key: 'client_id', raw: 271_863_527_485_685_763n, source: id },
        { key: 'cookie_secure', raw: false, source: secure },
        { key: 'email_domains', raw: ['a.example', 'b.example'], source: domains },
        { key: 'upstream_timeout', raw: '5s', source: timeout },
      ],
      findings: [],
    })
  })
}

for (const [name, text, expected] of [
  ['t.toml', 'email_domain = "a"', 'email_domain is not an option; did you mean email_domains?'],
  ['t.toml', 'email-domains = "a"', 'email-domains is not an option; did you mean email_domains?'],
  ['t.toml', 'xyzzy = 1', 'xyzzy is not an option; remove it; --help lists what there is'],
  ['t.toml', 'CLIENT_ID = "a"\nclient_id = "b"', 'client_id is given twice'],
  ['t.toml', '[provider]\nid = "a"', 'provider is a table or a date'],
  ['t.toml', 'client_id = 2026-01-01T00:00:00Z', 'client_id is a table or a date'],
  ['t.toml', 'upstreams = [{ url = "a" }]', 'upstreams is a table or a date'],
  ['t.yaml', 'providers:\n  - id: a', 'providers is a table or a date'],
  ['t.yaml', '- a', 't.yaml holds no keys'],
  ['t.toml', '\n\nclient_id = oops', 't.toml is not valid TOML at line 3, column 13'],
  ['t.yaml', 'a: 1\nb: "', 't.yaml is not valid YAML at line 2'],
  ['t.yaml', 'email_domains: *', 't.yaml is not valid YAML at line 1'],
  ['t.yaml', 'scope: *anchor', 't.yaml is not valid YAML: an alias leads nowhere'],
] as const) {
  test(`refuses ${JSON.stringify(text)} in ${name}`, () => {
    const { findings } = read(name, text)
    const [finding] = findings.map(({ option, problem, fix }) => `${option} ${problem}; ${fix}`)
    assert.equal(findings.length, 1)
    assert.ok(finding?.startsWith(expected), finding)
  })
}

test('locates unknown keys and tables', () => {
  const { findings } = read('t.toml', 'xyzzy = 1\n\n[nested]\na = 1')
  assert.deepEqual(
    findings.map(({ source }) => source),
    ['t.toml line 1', 't.toml line 3'],
  )
})

test('names the file alone for a key whose line it cannot tell', () => {
  const { settings } = read('t.yaml', '{ scope: openid, client_id: app }')
  assert.equal(settings.find(({ key }) => key === 'client_id')?.source, 't.yaml')
})

test('refuses a file that is not there', () => {
  const { findings } = readConfigFile('none.toml', memoryFiles({}))
  assert.deepEqual(problems(findings), ['none.toml does not exist'])
})

test('refuses a file that may not be read', () => {
  const { findings } = readConfigFile('no.toml', () => {
    throw Object.assign(new Error('permission denied'), { code: 'EACCES' })
  })
  assert.deepEqual(problems(findings), ['no.toml cannot be read (EACCES)'])
})
