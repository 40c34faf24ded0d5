/** Who ended a session that neither its lifetime nor the person's own sign-out did. */
export const revokers = [
  'back-channel-logout',
  'front-channel-logout',
  'person',
  'operator',
] as const

export type Revoker = (typeof revokers)[number]
