// What people see of their own sessions, and how they end those in other browsers.
import { createHmac } from 'node:crypto'
import type { PortalRequest } from './login.ts'
import type { Session } from '../core/session.ts'
import { equalSecrets } from '../lib/bytes.ts'
import { derived } from '../lib/derived.ts'
import { deriveKey } from '../lib/sealer.ts'
import type { Secret } from '../lib/secret.ts'
import type { SessionCard, SessionDirectory } from '../session/directory.ts'
import type { SessionStore } from '../session/store.ts'

export interface OwnSessionsView {
  /** The session of this browser. */
  readonly current: Session
  /** Those of other browsers, the newest first; undefined when the store cannot tell. */
  readonly others: readonly SessionCard[] | undefined
  /** Goes with the form: proves that it was ours, and of this session. */
  readonly csrfToken: string
}

export type EndResult =
  | { readonly kind: 'ended'; readonly sessions: readonly SessionCard[] }
  | { readonly kind: 'signed-out' }
  /** The form was not ours, or of an older session. */
  | { readonly kind: 'forged' }

/** Every method throws `Unavailable` when the store did not answer. */
export interface OwnSessions {
  /** Undefined when nobody is signed in. */
  view(request: PortalRequest): Promise<OwnSessionsView | undefined>
  /** `id` is of one other session of the same person; undefined = all others. */
  end(request: PortalRequest, csrfToken: string, id: string | undefined): Promise<EndResult>
}

export interface OwnSessionsDeps {
  /** The first one makes CSRF tokens, all are tried. */
  readonly options: { readonly cookie_secret: readonly Secret[] }
  readonly sessions: SessionStore
  /** In place of the option's, where they may change. */
  readonly cookieSecrets?: () => readonly Secret[]
}

export function createOwnSessions({
  options,
  sessions,
  cookieSecrets = () => options.cookie_secret,
}: OwnSessionsDeps): OwnSessions {
  const keys = derived(cookieSecrets, (secrets) =>
    secrets.map((secret) => deriveKey(secret.reveal(), 'csrf-token')),
  )
  const { directory } = sessions

  function csrfTokens({ id }: Session): readonly string[] {
    return keys().map((key) => createHmac('sha256', key).update(id).digest('base64url'))
  }

  async function find(request: PortalRequest): Promise<Session | undefined> {
    const loaded = await sessions.load(request)
    return loaded.state === 'found' ? loaded.session : undefined
  }

  return {
    async view(request) {
      const current = await find(request)
      if (!current) return undefined
      const others = directory && (await listOthers(directory, current))
      return { current, others, csrfToken: csrfTokens(current)[0] ?? '' }
    },
    async end(request, csrfToken, id) {
      const current = await find(request)
      if (!current) return { kind: 'signed-out' }
      const isOurs = csrfTokens(current).some((token) => equalSecrets(token, csrfToken))
      if (!isOurs) return { kind: 'forged' }
      const others = directory ? await listOthers(directory, current) : []
      const chosen = id === undefined ? others : others.filter((other) => other.id === id)
      const revoke = async (other: SessionCard) => directory?.revoke({ by: 'id', id: other.id })
      const ended = await Promise.all(chosen.map(revoke))
      return { kind: 'ended', sessions: ended.flatMap((cards) => cards ?? []) }
    },
  }
}

/** By `sub` and nothing else: an e-mail address may be somebody else's tomorrow. */
async function listOthers(
  directory: SessionDirectory,
  { id, identity: { user } }: Session,
): Promise<readonly SessionCard[]> {
  if (user === '') return []
  const cards = await directory.list({ by: 'sub', sub: user })
  return cards.filter((card) => card.id !== id && card.user === user)
}
