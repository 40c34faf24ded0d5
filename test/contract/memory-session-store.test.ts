import { createMemoryBackend } from '../../src/session/stores/memory.ts'
import { createTicketedStore } from '../../src/session/stores/ticketed.ts'
import { sessionOptions } from '../support/session-options.ts'
import { recordedLog } from '../support/sessions.ts'
import { sessionDirectoryContract } from './session-directory.contract.ts'
import { sessionStoreContract, type StoreKind } from './session-store.contract.ts'

const kind: StoreKind = {
  name: 'memory',
  isServerSide: true,
  async prepare(_t, clock) {
    const deps = { backend: createMemoryBackend(clock), clock, log: recordedLog() }
    return async (changes) => createTicketedStore(sessionOptions(changes), deps)
  },
}

sessionStoreContract(kind)
sessionDirectoryContract(kind)
