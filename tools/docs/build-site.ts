import { spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'

const repository = 'https://github.com/sallyport/sallyport/blob/main/'

export interface Built {
  readonly ok: boolean
  /** What the generator said. */
  readonly output: string
}

/** Builds docs/ into `target`. A link that leads nowhere, or a section that is not there, fails it. */
export function buildSite({ zensical, target }: { zensical: string; target: string }): Built {
  const scratch = mkdtempSync(join(tmpdir(), 'sallyport-docs-'))
  try {
    writeFileSync(
      join(scratch, 'zensical.toml'),
      listDecisions(readFileSync('zensical.toml', 'utf8')),
    )
    cpSync('docs', join(scratch, 'docs'), { recursive: true })
    for (const page of globSync('docs/**/*.md')) {
      const markdown = readFileSync(page, 'utf8')
      writeFileSync(join(scratch, page), indentSteps(leadOutward(page, markdown)))
    }
    const { status, stdout, stderr } = spawnSync(zensical, ['build', '--strict'], {
      cwd: scratch,
      encoding: 'utf8',
    })
    if (status !== 0) return { ok: false, output: `${stdout}${stderr}` }
    rmSync(target, { recursive: true, force: true })
    cpSync(join(scratch, 'site'), target, { recursive: true })
    return { ok: true, output: stdout }
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

/** The navigation lists pages one by one. */
function listDecisions(config: string): string {
  const pages = globSync('decisions/*.md', { cwd: 'docs' }).sort()
  return config.replace('"decisions/*.md"', pages.map((page) => `"${page}"`).join(', '))
}

/** Links that leave docs/ lead to the repository. */
export function leadOutward(page: string, markdown: string): string {
  return markdown.replaceAll(/\]\((\.\.\/[^)#\s]+)/g, (link, target: string) => {
    const path = posix.normalize(posix.join(dirname(page), target))
    return path.startsWith('docs/') ? link : `](${repository}${path}`
  })
}

/** What belongs to a numbered step is indented by three columns; the generator wants four. */
export function indentSteps(markdown: string): string {
  let isInStep = false
  const lines = markdown.split('\n').map((line) => {
    if (/^\S/.test(line)) isInStep = /^\d+\. /.test(line)
    return isInStep && line.startsWith('   ') ? ` ${line}` : line
  })
  return lines.join('\n')
}
