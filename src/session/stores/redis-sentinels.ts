// The master as Sentinels name it (https://redis.io/docs/latest/develop/reference/sentinel-clients).
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis, type RedisOptions } from 'ioredis'
import {
  createDirectConnector,
  retryDelayMs,
  type ConnectorConstructor,
  type Credentials,
} from './redis-connectors.ts'
import { describeRedisError } from './redis-errors.ts'

interface Address {
  readonly host: string
  readonly port: number
}

export interface SentinelGroup {
  readonly addresses: readonly Address[]
  readonly masterName: string
  /** How a Sentinel is connected to, and let in by, but for its address. */
  readonly connection: Omit<RedisOptions, 'replyMapping'>
}

type EmitError = (type: string, error: Error) => void

/**
 * Asks the Sentinels at each connection, that which answered last first, until one names a master.
 * While none does, the reason of each is an `error` event of the client.
 */
export function createMasterConnector(
  group: SentinelGroup,
  credentials: () => Credentials,
): ConnectorConstructor {
  let addresses = group.addresses

  async function findMaster(): Promise<Address> {
    const failures: string[] = []
    for (const address of addresses) {
      try {
        const { master, others } = await askSentinel(address, group)
        addresses = distinct([address, ...group.addresses, ...others])
        return master
      } catch (error) {
        failures.push(`${address.host}:${address.port}: ${describeRedisError(error)}`)
      }
    }
    throw new Error(`no Sentinel names ${group.masterName}: ${failures.join(', ')}`)
  }

  return class MasterConnector extends createDirectConnector(credentials) {
    #attempts = 0

    override async connect(emit: EmitError) {
      this.connecting = true
      this.#attempts += 1
      const attempt = this.#attempts
      for (let round = 1; ; round += 1) {
        const master = await findMaster().catch((error: unknown) => error as Error)
        if (!this.connecting || attempt !== this.#attempts) throw new Error('connection closed')
        if ('host' in master) {
          Object.assign(this.options, master)
          return super.connect(emit)
        }
        emit('error', master)
        await sleep(retryDelayMs(round), undefined, { ref: false })
      }
    }

    /** By INFO: a Sentinel may still name the master that was. */
    override check(info: { readonly role?: string }): boolean {
      return info.role === undefined || info.role === 'master'
    }
  }
}

interface SentinelAnswer {
  readonly master: Address
  /** Sentinels that it knows. */
  readonly others: readonly Address[]
}

async function askSentinel(
  { host, port }: Address,
  { masterName, connection }: SentinelGroup,
): Promise<SentinelAnswer> {
  const once = { lazyConnect: true, retryStrategy: () => null }
  const sentinel = new Redis({ ...connection, host, port, ...once })
  let cause: unknown
  sentinel.on('error', (error: unknown) => {
    cause ??= error
  })
  try {
    await sentinel.connect()
    const master = await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', masterName)
    if (!Array.isArray(master)) throw new Error('does not know it')
    // Not allowed to everyone, and good to have only.
    const others = await sentinel.call('SENTINEL', 'SENTINELS', masterName).catch(() => [])
    return {
      master: { host: String(master[0]), port: Number(master[1]) },
      others: Array.isArray(others) ? others.flatMap(toAddress) : [],
    }
  } catch (error) {
    // This one may say only that the connection is closed.
    throw cause ?? error
  } finally {
    sentinel.disconnect()
  }
}

/** One of the answer's lists of names and values in turns. */
function toAddress(fields: unknown): readonly Address[] {
  if (!Array.isArray(fields)) return []
  const valueOf = (name: string) => String(fields[fields.indexOf(name) + 1])
  return [{ host: valueOf('ip'), port: Number(valueOf('port')) }]
}

function distinct(addresses: readonly Address[]): readonly Address[] {
  const named = addresses.map((address) => [`${address.host}:${address.port}`, address] as const)
  return [...new Map(named).values()]
}
