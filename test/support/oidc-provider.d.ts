/** The part of oidc-provider 9 that `provider.ts` uses; the package brings no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

  export interface Context {
    body: string
    type: string
    readonly oidc: {
      readonly client: { readonly clientId: string }
      readonly provider: Provider
      readonly session: {
        readonly accountId: string
        grantIdFor(clientId: string): string | undefined
      }
    }
  }

  export interface Grant {
    addOIDCScope(scope: string): void
    save(): Promise<string>
  }

  export class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>)
    readonly Grant: {
      new (properties: { clientId: string; accountId: string }): Grant
      find(id: string): Promise<Grant | undefined>
    }
    readonly Client: {
      prototype: {
        redirectUriAllowed(uri: string): boolean
        postLogoutRedirectUriAllowed(uri: string): boolean
      }
    }
    callback(): RequestListener
    interactionDetails(
      request: IncomingMessage,
      response: ServerResponse,
    ): Promise<{ readonly uid: string }>
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result:
        | { readonly login: { readonly accountId: string } }
        | { readonly error: string; readonly error_description: string },
    ): Promise<void>
  }
}
