import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { BenchArguments } from './arguments.ts'
import type { Program } from './service.ts'

/**
 * Sallyport as it ships: compiled, which happens first, and with what the image sets; or as it stands
 * in `src`.
 */
export function sallyport({
  fromSource,
  profile,
}: Pick<BenchArguments, 'fromSource' | 'profile'>): Program {
  const flags = profile === '' ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  if (fromSource) return [...nodeAsInTheImage(), ...flags, 'src/main.ts']
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' })
  if (status !== 0) throw new Error('npm run build failed')
  return [...nodeAsInTheImage(), ...flags, 'dist/main.js']
}

function nodeAsInTheImage(): Program {
  const settings = imageEnvironment(readFileSync('Dockerfile', 'utf8'))
  return ['/usr/bin/env', ...settings, process.execPath]
}

/** `NAME=value` for each that a Dockerfile's ENV sets. */
export function imageEnvironment(dockerfile: string): readonly string[] {
  const [, settings = ''] = /^ENV (.*(?:(?<=\\)\n.*)*)/m.exec(dockerfile) ?? []
  return settings.split(/[\s\\]+/).filter((setting) => setting !== '')
}

/** The program to compare with: oauth2-proxy, or the `main.js` of another build of Sallyport. */
export function otherProgram(path: string): Program {
  return isSallyport(path) ? [...nodeAsInTheImage(), path] : [path]
}

export function isSallyport(path: string): boolean {
  return path.endsWith('.js')
}
