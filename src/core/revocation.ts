/** Who ended a session that neither its lifetime nor the person's own sign-out did. */
export type Revoker = 'back-channel-logout' | 'front-channel-logout' | 'person' | 'operator'
