// Cuts what still streams or tunnels when its session ends before its time (SEC-37).
import { Unavailable, describeError } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import type { Session } from '../core/session.ts'
import type { CookieContext, SessionStore } from '../session/store.ts'

export interface SessionWatch {
  /** From now on until `close` the signal is aborted when the session ended. */
  open(session: Session, context: CookieContext): OpenWatch
}

export interface OpenWatch {
  readonly signal: AbortSignal
  close(): void
}

export interface SessionWatchDeps {
  /** Milliseconds between two looks. */
  readonly options: { readonly session_watch_interval: number }
  readonly sessions: Pick<SessionStore, 'load'>
  readonly log: Log
}

interface Watched {
  readonly session: Session
  readonly context: CookieContext
  readonly cut: AbortController
  /** Most requests are over before anybody looks. */
  isOld: boolean
}

/** Nothing runs while nothing is open. */
export function createSessionWatch({ options, sessions, log }: SessionWatchDeps): SessionWatch {
  const open = new Set<Watched>()
  let timer: NodeJS.Timeout | undefined
  let isLooking = false

  async function isOver({ session, context }: Watched): Promise<boolean> {
    const loaded = await sessions.load(context)
    return loaded.state !== 'found' || loaded.session.id !== session.id
  }

  async function look(): Promise<void> {
    for (const watched of open) {
      if (watched.isOld && (await isOver(watched))) watched.cut.abort()
      watched.isOld = true
    }
  }

  async function tick(): Promise<void> {
    if (isLooking) return
    isLooking = true
    try {
      await look()
    } catch (error) {
      // What is not known ends nothing: the next look comes soon.
      if (!(error instanceof Unavailable)) {
        log.error('open sessions not looked after', { cause: describeError(error) })
      }
    } finally {
      isLooking = false
    }
  }

  return {
    open(session, context) {
      const watched = { session, context, cut: new AbortController(), isOld: false }
      open.add(watched)
      timer ??= setInterval(() => void tick(), options.session_watch_interval).unref()
      return {
        signal: watched.cut.signal,
        close() {
          open.delete(watched)
          if (open.size > 0) return
          clearInterval(timer)
          timer = undefined
        },
      }
    },
  }
}
