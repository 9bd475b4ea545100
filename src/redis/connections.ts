import { Cluster, Redis, type ClusterNode, type ClusterOptions, type RedisOptions } from 'ioredis'
import { watchConnection } from './heartbeat.ts'
import type { SentinelWatch } from './sentinel-watch.ts'

/** Answers of a server that has not run the command: it may be sent again without harm. */
const REFUSED = /^(READONLY|LOADING|MASTERDOWN)\b/
/** The longest pause between attempts to connect, in milliseconds. */
const RETRY_MAX_MS = 1_000
const CLOSED = 'Connection is closed.'

/** `reportsRefusals`: what a server refused before running it fails, and is not sent again. */
type Legacy = { replyMapping?: 'legacy'; reportsRefusals?: boolean }
/** What ioredis takes for one server; replies in the shapes that every version of Redis has. */
export type NodeOptions = Omit<RedisOptions, 'replyMapping'> & Legacy
type Options = Omit<ClusterOptions, 'redisOptions'> & {
  redisOptions: NonNullable<ClusterOptions['redisOptions']> & Legacy
}

/**
 * What every connection shares. Nothing that was sent is sent again: whether Redis ran it is unknown when a connection breaks,
 * so it fails, and its caller runs again.
 */
export const COMMON = {
  autoResendUnfulfilledCommands: false,
  connectTimeout: 3_000,
  disconnectTimeout: 1_000,
  keepAlive: 10_000,
} satisfies RedisOptions

/**
 * A connection to one server, or to the primary that Sentinels name. BullMQ's duplicates of it are of the same kind.
 * `options` are copied: how long to wait before connecting again is each connection's own.
 */
export class NodeConnection extends Redis {
  readonly #sentinels: SentinelWatch | undefined

  constructor(options: NodeOptions, sentinels?: SentinelWatch) {
    let refusals = 0
    super({
      ...options,
      // A server that refuses every command is not asked in a tight loop.
      retryStrategy: attempt => Math.min(50 * 2 ** Math.min(attempt + refusals, 6), RETRY_MAX_MS),
      reconnectOnError: error => {
        if (!REFUSED.test(error.message)) return false
        refusals += 1
        return options.reportsRefusals === true ? 1 : 2
      },
    })
    this.#sentinels = sentinels
    sentinels?.add(this)
    guard(this)
    watchConnection(this, beat => (refusals = beat === 'replica' ? refusals + 1 : beat === 'primary' ? 0 : refusals))
  }

  override duplicate(override?: Partial<RedisOptions>): Redis {
    return new NodeConnection({ ...(this.options as NodeOptions), ...(override as NodeOptions) }, this.#sentinels)
  }

  /** Ends also while it waits to connect again, where ioredis does not report the end and its caller would wait for ever. */
  override disconnect(reconnect = false): void {
    const waits = this.status === 'reconnecting'
    super.disconnect(reconnect)
    if (!waits || reconnect) return
    const inner = this as unknown as Inner
    inner.manuallyClosing = false
    inner.setStatus('end')
    inner.flushQueue(new Error(CLOSED))
  }
}

/** What ioredis keeps to itself. */
interface Inner {
  manuallyClosing: boolean
  setStatus(status: 'end'): void
  flushQueue(error: Error): void
}

/** Connections to the nodes of a Cluster, each watched like any other. A node that is lost has the slots read again. */
export class ClusterConnection extends Cluster {
  readonly #given: { nodes: ClusterNode[]; options: Options }

  constructor(nodes: ClusterNode[], options: Options) {
    super(nodes, options)
    this.#given = { nodes, options }
    this.on('error', () => {})
    allowNoInfo(this)
    this.on('+node', (node: Redis) => {
      guard(node)
      watchConnection(node, () => {})
    })
    this.on('-node', () => {
      if (this.status === 'ready') this.refreshSlotsCache()
    })
  }

  override duplicate(_nodes?: ClusterNode[], override?: ClusterOptions): Cluster {
    const { nodes, options } = this.#given
    const redisOptions = { ...options.redisOptions, ...(override?.redisOptions as Options['redisOptions']) }
    return new ClusterConnection(nodes, { ...options, redisOptions })
  }
}

function guard(redis: Redis): void {
  // Without a listener a lost connection would end the process; each command reports its own failure.
  redis.on('error', () => {})
  // Ahead of ioredis: what it then finds was never sent, and may wait for the next connection.
  redis.on('connect', () => redis.stream.prependListener('close', () => failUnanswered(redis)))
  allowNoInfo(redis)
}

/** Where nothing is sent again, ioredis would forget these commands without an answer. By its code BullMQ knows an outage. */
function failUnanswered(redis: Redis): void {
  for (let item = redis.commandQueue.shift(); item; item = redis.commandQueue.shift())
    item.command.reject(
      Object.assign(new Error('Connection is closed, the command was under way'), { code: 'ECONNREFUSED' }),
    )
}

/** BullMQ starts with INFO to learn the version. Where an ACL forbids INFO it learns nothing, and works. */
function allowNoInfo(redis: Pick<Redis, 'info'>): void {
  const ask = redis.info.bind(redis) as (...args: unknown[]) => Promise<string>
  const tolerant = (...args: unknown[]) =>
    typeof args.at(-1) === 'function'
      ? ask(...args)
      : ask(...args).catch((error: unknown) => {
          if (error instanceof Error && error.message.startsWith('NOPERM')) return ''
          throw error
        })
  redis.info = tolerant
}
