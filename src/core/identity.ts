/** Who is signed in, as the provider's claims say. Absent values are empty, never undefined. */
export interface Identity {
  /** The subject (`sub`). */
  readonly user: string
  readonly email: string
  readonly groups: readonly string[]
  readonly preferredUsername: string
}
