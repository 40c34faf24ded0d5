// The list of marks that replicas share through Redis, so that sealed cookies can be revoked. Each
// replica looks for changes twice a second; a check only looks into its own memory.
import { createHmac, randomBytes } from 'node:crypto'
import type { Revocations } from './directory.ts'
import { createOnce } from './once.ts'
import { createMarkSet, decodeMark, encodeMark, marksOf, type Mark } from './revocation-marks.ts'
import type { SessionBackend } from './stores/backend.ts'
import { Unavailable, describeError } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import type { Session } from '../core/session.ts'
import type { Clock } from '../lib/clock.ts'
import { derived } from '../lib/derived.ts'
import { createSealer, deriveKey } from '../lib/sealer.ts'
import { revealAll, type Secret } from '../lib/secret.ts'

export interface RevocationListOptions {
  readonly cookie_name: string
  /** The first seals and names, all open and find. */
  readonly cookie_secret: readonly Secret[]
  /** Milliseconds; 0 = sessions do not end by themselves. */
  readonly cookie_expire: number
  /** Milliseconds that sessions pass while the list cannot be read. */
  readonly revocation_max_age: number
}

export interface RevocationList extends Revocations {
  /** Throws `Unavailable` when the list was not read for too long: nobody knows then. */
  isRevoked(session: Session): boolean
  /** Resolves when Redis answers and the list is known. */
  ping(): Promise<void>
  close(): void
}

const pollMs = 400
/** The first may only say that there is no connection yet. */
const saidFailures = 2
/** Above it the marks that end first are joined into one for everybody who is as old. */
const limit = 100_000
/** How far the clocks of replicas may differ. */
const clockToleranceMs = 60_000
/** For sessions without an end. */
const endlessMs = 10 * 365 * 24 * 3_600_000

export function createRevocationList(
  options: RevocationListOptions,
  deps: {
    readonly backend: SessionBackend
    readonly clock: Clock
    readonly log: Log
    /** In place of the option's, where they may change. */
    readonly cookieSecrets?: (() => readonly Secret[]) | undefined
  },
): RevocationList {
  const { cookie_name: cookieName, cookie_expire, revocation_max_age } = options
  const { backend, clock, log, cookieSecrets = () => options.cookie_secret } = deps
  const secrets = revealAll(cookieSecrets)
  const sealer = createSealer(secrets, 'revocation')
  const keys = derived(secrets, (all) => all.map((secret) => deriveKey(secret, 'session-list')))
  const keysOf = (kind: string): readonly string[] =>
    keys().map((key) => {
      const hash = createHmac('sha256', key).update(`${kind}\0`).digest('hex')
      return `${cookieName}-list-${hash}`
    })
  const lists = derived(keys, () => keysOf('revoked'))
  let readLists = lists()
  /** Changes whenever the list does. */
  const versionKey = `${cookieName}-revocations`
  const marks = createMarkSet()

  /** No session that a mark of now is about lives longer. */
  const keepMs = cookie_expire || endlessMs

  let version: string | undefined
  /** Ends of marks that were read already are up to here. */
  let seenUntil = -Infinity
  /** Of the clock that only goes forward. */
  let readAt = -Infinity
  /** In a row. */
  let failures = 0
  const closing = new AbortController()

  async function poll(): Promise<void> {
    const startedAt = performance.now()
    if (lists() !== readLists) {
      // Other secrets, other lists: of those, nothing was read yet.
      readLists = lists()
      version = undefined
      seenUntil = -Infinity
    }
    const bytes = await backend.get(versionKey)
    const latest = bytes ? Buffer.from(bytes).toString('latin1') : ''
    if (latest !== version) await read()
    version = latest
    readAt = startedAt
  }

  /** Marks are sorted by their end, and so by when they were made: only new ones are fetched. */
  async function read(): Promise<void> {
    const now = clock.now()
    const since = Math.max(now, seenUntil)
    const found = await Promise.all(readLists.map((key) => backend.lists.read(key, since)))
    for (const sealed of found.flat()) {
      const bytes = sealer.open(sealed, cookieName)
      const mark = bytes && decodeMark(bytes)
      if (mark) marks.add(mark, now + keepMs)
      else log.warn('revocation is unreadable')
    }
    seenUntil = now + keepMs - clockToleranceMs
    marks.prune(now)
  }

  async function write(mark: Mark): Promise<void> {
    const sealed = sealer.seal(encodeMark(mark), cookieName)
    const [list = ''] = lists()
    const now = clock.now()
    const { out } = await backend.lists.add(list, sealed, { now, endsAt: now + keepMs }, limit)
    marks.add(mark, now + keepMs)
    if (out.length === 0) return
    const dropped = out.map((text) => sealer.open(text, cookieName)).map((b) => b && decodeMark(b))
    const before = Math.max(...dropped.map((lost) => lost?.before ?? 0))
    await write({ kind: 'all', name: '', before })
  }

  function assertKnown(): void {
    if (performance.now() - readAt <= revocation_max_age) return
    throw new Unavailable('store', 'revocations are not known')
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await poll()
        if (failures >= saidFailures) log.info('revocations are read again')
        failures = 0
      } catch (error) {
        failures += 1
        const cause = describeError(error)
        if (failures === saidFailures) log.warn('revocations not read', { cause })
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs).unref())
    }
  }
  void run()

  return {
    isRevoked(session) {
      assertKnown()
      return marks.matches(session)
    },
    async ping() {
      await backend.ping()
      assertKnown()
    },
    async revoke(selector) {
      for (const mark of marksOf(selector, clock.now())) await write(mark)
      await backend.set(versionKey, randomBytes(12), undefined)
      return []
    },
    once: createOnce(backend.lists, () => keysOf('once')[0] ?? '', clock),
    close() {
      closing.abort()
    },
  }
}
