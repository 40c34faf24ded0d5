import { createSessionStore } from '../../src/session/create-session-store.ts'
import { sessionOptions } from '../support/session-options.ts'
import { recordedLog } from '../support/sessions.ts'
import { sessionStoreContract } from './session-store.contract.ts'

sessionStoreContract({
  name: 'cookie',
  isServerSide: false,
  async prepare(_t, clock) {
    const deps = { clock, log: recordedLog(), observe: () => {} }
    return async (changes) => createSessionStore(sessionOptions(changes), deps)
  },
})
