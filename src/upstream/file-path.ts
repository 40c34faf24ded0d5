import { realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'

/**
 * The path segments that a request names below `mount`, decoded once. Undefined for whatever a file
 * system could read differently: `.`, `..`, empty segments, separators and NUL behind an encoding.
 */
export function relativeSegments(path: string, mount: string): readonly string[] | undefined {
  const below = path.slice(mount.length)
  if (below === '') return []
  const segments: string[] = []
  for (const encoded of below.replace(/\/$/, '').split('/')) {
    const segment = decode(encoded)
    if (segment === undefined || /^\.{0,2}$|[/\\\0]/.test(segment)) return undefined
    segments.push(segment)
  }
  return segments
}

/**
 * The file's real path, when it lies in the directory after every symbolic link is followed; links
 * that stay inside are fine (Kubernetes mounts ConfigMaps so). Undefined otherwise, or when it does
 * not exist.
 */
export async function resolveInside(
  directory: string,
  segments: readonly string[],
): Promise<string | undefined> {
  try {
    const root = await realpath(directory)
    const path = await realpath(join(root, ...segments))
    return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)
      ? path
      : undefined
  } catch {
    return undefined
  }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
