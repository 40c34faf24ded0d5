import { createSessionStore } from '../../src/session/create-session-store.ts'
import { afterTest } from '../support/cleanup.ts'
import { eventually } from '../support/eventually.ts'
import { startRedis } from '../support/redis.ts'
import { sessionOptions } from '../support/session-options.ts'
import { recordedLog } from '../support/sessions.ts'
import { sessionDirectoryContract } from './session-directory.contract.ts'
import { sessionStoreContract, type StoreKind } from './session-store.contract.ts'

const kind: StoreKind = {
  name: 'redis',
  isServerSide: true,
  async prepare(t, clock) {
    const redis = await startRedis(t)
    if (!redis) return undefined
    const deps = { clock, log: recordedLog(), observe: () => {} }
    return async (changes) => {
      const options = { session_store_type: 'redis', redis_connection_url: redis.url, ...changes }
      const store = await createSessionStore(sessionOptions(options), deps)
      afterTest(t, () => store.close())
      await eventually(() => store.ping())
      return store
    }
  },
}

sessionStoreContract(kind)
sessionDirectoryContract(kind)
