// A ticket is what the cookie holds when sessions live in a store: the session's id there and a
// secret that only the cookie has. The store holds what the ticket's secret sealed and nothing
// else; the cookie holds the ticket sealed with ours. Neither opens anything without the other.
import { createSecretKey, randomBytes } from 'node:crypto'
import { sha256 } from '../lib/bytes.ts'
import { createSealer, openBytes, sealBytes, type Secrets } from '../lib/sealer.ts'

const idBytes = 16
const secretBytes = 32
const valuePurpose = 'session-value'
const valueVersion = 1

export interface Ticket {
  /** Where the value is kept: `<cookie name>-<hash of the id>`. Tells nothing about the user. */
  readonly storeKey: string
  seal(plaintext: Uint8Array): Buffer
  /** Undefined when the value is not what this ticket sealed for this key. */
  open(value: Uint8Array): Buffer | undefined
}

export interface TicketBook {
  /** A new ticket, and the cookie value that stands for it. */
  issue(): { readonly ticket: Ticket; readonly cookieValue: string }
  /** Undefined for whatever we did not issue under this cookie name: costs no look-up. */
  open(cookieValue: string): Ticket | undefined
  /** The same ticket under the first secret; undefined when it is already, or is none of ours. */
  renew(cookieValue: string): string | undefined
}

/** The first secret seals, all open. */
export function createTicketBook(secrets: Secrets, cookieName: string): TicketBook {
  const sealer = createSealer(secrets, 'session-ticket')
  return {
    issue() {
      const bytes = randomBytes(idBytes + secretBytes)
      return { ticket: toTicket(bytes, cookieName), cookieValue: sealer.seal(bytes, cookieName) }
    },
    open(cookieValue) {
      const bytes = sealer.open(cookieValue, cookieName)
      return bytes?.length === idBytes + secretBytes ? toTicket(bytes, cookieName) : undefined
    },
    renew: (cookieValue) => sealer.renew(cookieValue, cookieName),
  }
}

function toTicket(bytes: Buffer, cookieName: string): Ticket {
  const storeKey = `${cookieName}-${sha256(bytes.subarray(0, idBytes)).toString('hex')}`
  // 256 random bits of no other use: a key as they are, without a derivation at each check.
  const key = createSecretKey(bytes.subarray(idBytes))
  const data = Buffer.from(`${valuePurpose}\0${valueVersion}\0${storeKey}`)
  return {
    storeKey,
    seal: (plaintext) => sealBytes(key, plaintext, data),
    open: (value) => openBytes(key, value, data),
  }
}
