import type { DenyReason, UnavailableReason } from '../core/decision.ts'
import type { SignInFailure } from '../core/sign-in-failure.ts'

/**
 * The texts of the pages. `{name}` is filled in when a page is made, and what stands in backquotes
 * is set as code. `{provider}` may be a common noun: it never starts a sentence.
 */
export interface Explanation {
  readonly title: string
  readonly happened: string
  /** What the person in front of the page can do. */
  readonly person: string
  /** What the operator can do; names options. */
  readonly operator: string
}

const askForHelp =
  'If it happens again, tell the people who run this application, and give them the reference below.'

export const failureTexts: Readonly<Record<SignInFailure, Explanation>> = {
  'access-denied': {
    title: 'The sign-in was declined',
    happened:
      'It was cancelled at {provider}, or this account may not use the application you wanted to open.',
    person:
      'Try again, or use another account. If you expected to get in, ask the people who run this application.',
    operator:
      'The provider answered `access_denied`. Check there that the person is assigned to the application that `client_id` names.',
  },
  'provider-error': {
    title: 'The sign-in did not finish',
    happened: 'Instead of signing you in, {provider} reported an error.',
    person: `Try again in a moment. ${askForHelp}`,
    operator:
      'The log names the error. Often `redirect_url` is not registered at the provider, or `scope` asks for something it does not offer.',
  },
  'client-rejected': {
    title: 'This application cannot sign you in',
    happened: 'It is not about you: {provider} does not accept the application itself.',
    person:
      'Please tell the people who run this application, and give them the reference below. Trying again helps once they have corrected it.',
    operator:
      'The provider answered `invalid_client`. Check `client_id` and `client_secret` or `client_secret_file`; the secret may have expired or been replaced at the provider.',
  },
  'code-rejected': {
    title: 'This sign-in was used already',
    happened: 'The answer from {provider} was used before, or it arrived too late.',
    person: `Try again: a new sign-in usually works at once. ${askForHelp}`,
    operator:
      'The provider answered `invalid_grant`. If it happens every time, `redirect_url` is not what the provider saw at the start, or a proxy repeats the request to the callback.',
  },
  'issuer-mismatch': {
    title: 'The answer came from somewhere else',
    happened:
      'The answer names another issuer than {provider}, the one that this application trusts. It was not used.',
    person: `Try again. ${askForHelp}`,
    operator:
      'Compare `oidc_issuer_url` with `issuer` in the discovery document of the provider, character by character and with the slash at the end.',
  },
  'audience-mismatch': {
    title: 'The answer was meant for another application',
    happened: 'The answer from {provider} is addressed to another application. It was not used.',
    person: `Try again. ${askForHelp}`,
    operator:
      'The ID token is not for `client_id`. Correct `client_id`, or list the audience that the provider puts there in `oidc_extra_audiences`.',
  },
  'clock-skew': {
    title: 'The clocks do not agree',
    happened:
      'By the clock of this service, the answer from {provider} is from the future or already over. It was not used.',
    person: `Try again in a minute. ${askForHelp}`,
    operator:
      'Compare the clock of the nodes that run Sallyport with the clock of the provider; one of them has lost its time server.',
  },
  'token-invalid': {
    title: 'The answer could not be verified',
    happened:
      'The answer from {provider} does not carry the signature or the form that it should. It was not used.',
    person: `Try again. ${askForHelp}`,
    operator:
      'The log names what is wrong. Check `oidc_jwks_url` if it is set, and `oidc_enabled_signing_algs`.',
  },
  'email-missing': {
    title: 'Your account has no e-mail address',
    happened: 'This application needs an e-mail address, and {provider} did not send one.',
    person: 'Add an e-mail address to your account and try again, or use another account.',
    operator:
      'Let `scope` ask for `email`, or name the claim that identifies people in `oidc_email_claim`.',
  },
  'email-unverified': {
    title: 'Your e-mail address is not verified',
    happened: 'The e-mail address of your account has not been confirmed at {provider} yet.',
    person: 'Confirm the address there and try again, or use another account.',
    operator:
      'Set `insecure_oidc_allow_unverified_email` only if people cannot choose their address at the provider themselves.',
  },
  'claims-invalid': {
    title: 'Your account cannot be used here',
    happened:
      'What {provider} says about your account contradicts itself, or cannot be passed on to the application.',
    person:
      'Use another account, or tell the people who run this application, and give them the reference below.',
    operator:
      'The log names the claim: the profile is of another `sub`, or a value holds characters that no header may carry.',
  },
  'email-not-allowed': {
    title: 'This account has no access',
    happened:
      'You signed in at {provider}, but this account is not among those that may use the application.',
    person:
      'If you have another account, use that one. Otherwise ask the people who run this application for access.',
    operator:
      'To let the account in, add its domain to `email_domains` or its address to `authenticated_emails_file`.',
  },
  'group-missing': {
    title: 'This account has no access',
    happened:
      'You signed in at {provider}, but this account is in none of the groups that may use the application.',
    person:
      'If you have another account, use that one. Otherwise ask the people who run this application for access.',
    operator:
      'Compare `allowed_groups` with what the provider sends in the claim that `oidc_groups_claim` names. After a change of groups the person has to sign in again.',
  },
  'cookie-lost': {
    title: 'Your browser lost track of the sign-in',
    happened:
      'A cookie was set when the sign-in started, but your browser did not send it back at the end.',
    person: `Try again. If it fails once more, allow cookies for this site, or open it in a normal window instead of a private one.`,
    operator:
      'If many people see this: `cookie_domains` does not cover the host of the callback, `cookie_secure` is on but the site is opened with http, or several replicas have a different `cookie_secret`.',
  },
}

export const denyTexts: Readonly<Record<DenyReason, Explanation>> = {
  'email-not-allowed': {
    title: 'You do not have access',
    happened: 'Your account is not among those that may use this application.',
    person:
      'If you have another account, use that one. Otherwise ask the people who run this application for access.',
    operator:
      'To let the account in, add its domain to `email_domains` or its address to `authenticated_emails_file`.',
  },
  'group-missing': {
    title: 'You do not have access',
    happened: 'Your account is in none of the groups that may use this application.',
    person:
      'If you have another account, use that one. Otherwise ask the people who run this application for access.',
    operator:
      'Compare `allowed_groups` with what the provider sends in the claim that `oidc_groups_claim` names. After a change of groups the person has to sign in again.',
  },
  'query-limit': {
    title: 'You do not have access to this part',
    happened: 'This part of the application is for certain people only.',
    person:
      'If you have another account, use that one. Otherwise ask the people who run this application for access.',
    operator:
      'The gateway asks with `allowed_groups`, `allowed_emails` or `allowed_email_domains` in the URL of its check, and the account does not match.',
  },
  'bearer-token-invalid': {
    title: 'This request carries no valid token',
    happened: 'The access token that came with the request is not valid here, or not any more.',
    person: 'Get a new token from the program or service that gave it to you, and try again.',
    operator:
      'With `bearer_token_login_fallback` off, an Authorization header must hold a valid bearer token. With `log_level` at debug the log says what is wrong with this one; compare it with `oidc_issuer_url`, `extra_jwt_issuers` and the audience.',
  },
  'bad-request': {
    title: 'This address cannot be opened',
    happened: 'The address is not well formed, so it is not clear what it asks for.',
    person:
      'Check the address for odd characters, or start from the first page of the application.',
    operator:
      'The log says what the request lacks. If every request ends here, the gateway does not send the headers that its check needs.',
  },
}

export const unavailableTexts: Readonly<Record<UnavailableReason, Explanation>> = {
  'store-unavailable': {
    title: 'One moment, please',
    happened: 'The service that remembers who is signed in does not answer right now.',
    person: 'Nothing is lost: if you were signed in, you still are. Try again in a moment.',
    operator:
      'The session store did not answer in time. Check Redis, the network between, and `redis_connection_url`.',
  },
  'provider-unavailable': {
    title: 'One moment, please',
    happened: 'Your sign-in has to be checked with {provider}, which does not answer right now.',
    person: 'Nothing is lost. Try again in a moment.',
    operator:
      'Requests to `oidc_issuer_url` failed or took longer than their deadline; the log names the cause.',
  },
  'internal-error': {
    title: 'Something went wrong here',
    happened: 'An error in this service kept your request from being answered.',
    person: `Nothing is lost. Try again in a moment. ${askForHelp}`,
    operator: 'The log line with the reference below names the error.',
  },
}

export const texts = {
  signIn: {
    title: 'Sign in',
    toContinue: 'This application needs to know who you are.',
    toContinueTo: 'to continue to',
    button: 'Sign in with {provider}',
    oneDomain: 'Use your {domains} account.',
    severalDomains: 'Use an account of one of these: {domains}.',
  },
  signedOut: {
    title: 'You are signed out',
    text: 'To be safe on a shared computer, close the browser as well.',
  },
  confirmSignOut: {
    title: 'Sign out?',
    text: 'You stay signed in until you confirm.',
    button: 'Sign out',
  },
  ownSessions: {
    title: 'Where you are signed in',
    thisBrowser: 'This browser',
    unknownBrowser: 'Unknown browser',
    signOut: 'Sign out',
    everywhereElse: 'Sign out everywhere else',
    noOthers: 'You are signed in nowhere else.',
    notListed:
      'Other browsers cannot be listed here: each keeps its own sign-in, and this service keeps none.',
    more: 'And {count} more.',
  },
  formOutdated: {
    title: 'Nothing was changed',
    text: 'This page was too old: you signed in again since it was opened. Open it once more.',
  },
  notFound: {
    title: 'There is nothing here',
    text: 'This address does not exist. Check it for typing errors, or go back to where you came from.',
  },
  upstreamUnavailable: {
    title: 'The application does not answer',
    text: 'Nothing is wrong with your sign-in, but the application behind this address cannot be reached right now. Try again in a moment.',
  },
  tooManyRequests: {
    title: 'One moment',
    text: 'Too many sign-ins came from your network in a short time. Wait a few seconds, then try again.',
  },
  badRequest: {
    title: 'This request cannot be answered',
  },
  signInAgain: 'Sign in again',
  retry: 'Try again',
  otherAccount: 'Use another account',
  signedInAs: 'Signed in as',
  forOperators: 'For administrators',
  reason: 'Reason',
  detail: 'Detail',
  reference: 'Reference',
  defaultFooter: 'Secured by Sallyport',
  /** Stands for a provider without a name, on the button and in sentences. */
  unnamedProviderButton: 'OpenID Connect',
  unnamedProvider: 'the sign-in service',
} as const
