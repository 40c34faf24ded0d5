import { sessionJson } from '../auth/session-json.ts'
import { unseenRevocation } from '../auth/unseen-revocation.ts'
import { formatFindings } from '../config/finding.ts'
import { loadOptions, type LoadInputs } from '../config/load.ts'
import { Unavailable, describeError } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import { systemClock } from '../lib/clock.ts'
import { createSessionStore } from '../session/create-session-store.ts'
import type { SessionSelector } from '../session/directory.ts'
import type { SessionStore } from '../session/store.ts'
import { createAudit, type Audit } from '../telemetry/audit.ts'
import { sessionTable } from './session-table.ts'

export interface SessionsInputs extends LoadInputs {
  readonly print: (text: string) => void
  readonly printError: (text: string) => void
}

interface Command {
  readonly name: 'list' | 'show' | 'revoke'
  readonly selector: SessionSelector
  readonly isJson: boolean
  /** Flags of the configuration. */
  readonly argv: readonly string[]
}

const usage = `usage: sallyport sessions list   [--user=SUB_OR_EMAIL | --sid=SID] [--json] [configuration flags]
       sallyport sessions show   ID [--json] [configuration flags]
       sallyport sessions revoke ID | --user=SUB_OR_EMAIL | --sid=SID | --all [--json] [configuration flags]
an ID that begins with two dashes is written --id=ID`

/** How long the store may take to be reached. */
const reachMs = 10_000

/**
 * `sallyport sessions list|show|revoke`: the sessions in a shared store, with the configuration of
 * the service. Returns the exit code: 0; 1 when it could not be done or no session was shown or
 * revoked by id; 2 for arguments that are none. What was revoked goes to `printError` as lines of the
 * audit log.
 */
export async function sessions(inputs: SessionsInputs): Promise<number> {
  const { print, printError } = inputs
  const command = readCommand(inputs.argv)
  if (!command) {
    printError(usage)
    return 2
  }
  const loaded = loadOptions({ ...inputs, argv: command.argv })
  if (!loaded.ok) {
    printError(formatFindings(loaded.findings))
    return 1
  }
  const deps = { clock: systemClock, log: createErrorLog(printError), observe: () => undefined }
  let store: SessionStore | undefined
  try {
    store = await createSessionStore(loaded.options, deps)
    const refusal = refusalOf(command, loaded.options, store)
    if (refusal !== undefined) throw new Error(refusal)
    await reach(store)
    const audit = createAudit(loaded.options, { write: (line) => printError(line.trimEnd()) })
    return await run(command, store, print, audit)
  } catch (error) {
    printError(`sallyport: ${describeError(error)}`)
    return 1
  } finally {
    await store?.close()
  }
}

function refusalOf(
  { name }: Command,
  { session_store_type }: { readonly session_store_type: string },
  { directory, revocations }: SessionStore,
): string | undefined {
  if (session_store_type === 'memory') {
    return (
      'session_store_type is memory: sessions live in the running process alone, which other ' +
      'processes cannot see; its admin listener (admin_address) does'
    )
  }
  if (name === 'revoke' ? revocations : directory) return undefined
  return (
    'session_store_type is cookie: sessions live in browsers, where nobody can list them; they end ' +
    'with cookie_expire, all at once with a new cookie_secret, or by sessions revoke with a Redis besides'
  )
}

async function run(
  { name, selector, isJson }: Command,
  { directory, revocations }: SessionStore,
  print: (text: string) => void,
  audit: Pick<Audit, 'sessionRevoked'>,
): Promise<number> {
  const act = name === 'revoke' ? revocations?.revoke : directory?.list
  const cards = (await act?.(selector)) ?? []
  if (name === 'revoke') {
    const revoked = directory ? cards : [unseenRevocation(selector)]
    for (const session of revoked) audit.sessionRevoked(session, 'operator')
  }
  if (isJson) print(JSON.stringify(cards.map(sessionJson)))
  else if (cards.length > 0) print(sessionTable(cards))
  if (!directory) {
    if (!isJson) print('revoked: sessions that this names are refused from now on')
    return 0
  }
  if (name === 'revoke' && !isJson) print(`sessions ended: ${cards.length}`)
  if (selector.by !== 'id' || cards.length > 0) return 0
  if (!isJson && name === 'show') print('no such session')
  return 1
}

function readCommand([name, ...args]: readonly string[]): Command | undefined {
  if (name !== 'list' && name !== 'show' && name !== 'revoke') return undefined
  const { selectors, isJson, argv } = readArguments(args)
  const [selector = { by: 'all' } as const, ...others] = selectors
  const isFit = {
    list: selector.by !== 'id',
    show: selector.by === 'id',
    // Everything only when it is said.
    revoke: selectors.length > 0,
  }[name]
  return isFit && others.length === 0 ? { name, selector, isJson, argv } : undefined
}

/** What is ours, and the flags of the configuration as they stand. */
function readArguments(args: readonly string[]) {
  const selectors: SessionSelector[] = []
  const argv: string[] = []
  let isJson = false
  for (let index = 0; index < args.length; index += 1) {
    const text = args[index] ?? ''
    const [, by, attached] = /^--(id|user|sid)(?:=(.*))?$/s.exec(text) ?? []
    const value = by === undefined ? '' : (attached ?? args[(index += 1)] ?? '')
    if (by === 'id') selectors.push({ by, id: value })
    else if (by === 'user') selectors.push({ by, user: value })
    else if (by === 'sid') selectors.push({ by, sid: value })
    else if (text === '--all') selectors.push({ by: 'all' })
    else if (text === '--json') isJson = true
    else if (index === 0 && isSessionId(text)) selectors.push({ by: 'id', id: text })
    else argv.push(text)
  }
  return { selectors, isJson, argv }
}

function isSessionId(text: string): boolean {
  return /^(?!--)[\w-]+$/.test(text)
}

/** A connection is opened in the background: the first answers may be that there is none yet. */
async function reach(store: SessionStore): Promise<void> {
  const deadline = performance.now() + reachMs
  for (;;) {
    try {
      return await store.ping()
    } catch (error) {
      if (!(error instanceof Unavailable) || performance.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

function createErrorLog(printError: (text: string) => void): Log {
  const nothing = () => undefined
  const tell: Log['warn'] = (event, fields = {}) => {
    printError(`${event} ${JSON.stringify(fields)}`)
  }
  return { debug: nothing, info: nothing, warn: tell, error: tell }
}
