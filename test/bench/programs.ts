import { spawnSync } from 'node:child_process'
import type { BenchArguments } from './arguments.ts'
import type { Program } from './service.ts'

/** Sallyport as it ships: compiled, which happens first; or as it stands in `src`. */
export function sallyport({
  fromSource,
  profile,
}: Pick<BenchArguments, 'fromSource' | 'profile'>): Program {
  const flags = profile === '' ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  if (fromSource) return [process.execPath, ...flags, 'src/main.ts']
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' })
  if (status !== 0) throw new Error('npm run build failed')
  return [process.execPath, ...flags, 'dist/main.js']
}

/** The program to compare with: oauth2-proxy, or the `main.js` of another build of Sallyport. */
export function otherProgram(path: string): Program {
  return isSallyport(path) ? [process.execPath, path] : [path]
}

export function isSallyport(path: string): boolean {
  return path.endsWith('.js')
}
