import type { RevocationList } from './revocation-list.ts'
import type { LoadedSession, SessionStore } from './store.ts'
import { whenKnown } from '../lib/eventual.ts'

/** A store whose sessions cannot be ended where they are kept, and end by a list instead. */
export function createRevocableStore(
  store: SessionStore,
  list: RevocationList,
  place: { close(): Promise<void> },
): SessionStore {
  function unlessRevoked(loaded: LoadedSession): LoadedSession {
    const isRevoked = loaded.state === 'found' && list.isRevoked(loaded.session)
    return isRevoked ? { state: 'invalid' } : loaded
  }

  return {
    ...store,
    load: (context) => whenKnown(store.load(context), unlessRevoked),
    reload: async (context) => unlessRevoked(await store.reload(context)),
    revocations: list,
    ping: () => list.ping(),
    async close() {
      list.close()
      await store.close()
      await place.close()
    },
  }
}
