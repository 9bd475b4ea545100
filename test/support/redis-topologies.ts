import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from './eventually.ts'
import { startRedisServer, type RedisServer } from './redis-servers.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

/** How the primary is lost: killed, handed over, cut off, silent, or cut off from all but its clients, whose sockets stay. */
export type Loss = 'killed' | 'planned' | 'cut' | 'black-holed' | 'left-open'

/** Several servers that fail over, each reached by clients through a proxy of its own. */
export interface RedisTopology {
  /** For `REDIS_URL` and `REDIS_NAT_MAP`. */
  url: string
  natMap: string
  /** Loses the primary that holds a key; resolves when it is lost, before another has taken over. */
  lose(how: Loss, key: string): Promise<void>
  /** Brings the lost server back; resolves when the new primary has a replica again. */
  restore(): Promise<void>
  close(): Promise<void>
}

interface Node {
  server: RedisServer
  /** What clients connect to. */
  outer: TcpProxy
}

const WITHIN = { withinMs: 60_000, everyMs: 100 }
const MASTER = 'shop'

interface SentinelNode extends Node {
  /** What Sentinels and the other server connect to; its address is the one that is announced. */
  inner: TcpProxy
}

/** Three Sentinels (down-after 3 s), a primary and a replica. */
export async function startSentinels(): Promise<RedisTopology> {
  const nodes: SentinelNode[] = []
  const startNode = async (primary: number | null): Promise<void> => {
    const [inner, outer] = [await startTcpProxy(0), await startTcpProxy(0)]
    const follows = primary === null ? [] : ['--replicaof', '127.0.0.1', String(primary)]
    const server = await startRedisServer(() => ['--replica-announce-ip', '127.0.0.1', '--replica-announce-port', String(inner.port), '--repl-timeout', '10', ...follows]) // prettier-ignore
    for (const proxy of [inner, outer]) proxy.lead(server.port)
    nodes.push({ server, inner, outer })
  }
  // The second starts through the first's proxy, which leads to it by then.
  await startNode(null)
  await startNode(nodes[0]!.inner.port)
  const sentinels = await Promise.all(
    [1, 2, 3].map(() =>
      startRedisServer(async ({ port, folder }) => {
        const file = join(folder, 'sentinel.conf')
        const lines = [`port ${port}`, 'bind 127.0.0.1', `dir ${folder}`, `sentinel monitor ${MASTER} 127.0.0.1 ${nodes[0]!.inner.port} 2`, `sentinel down-after-milliseconds ${MASTER} 3000`, `sentinel failover-timeout ${MASTER} 10000`] // prettier-ignore
        await writeFile(file, `${lines.join('\n')}\n`)
        return [file, '--sentinel']
      }),
    ),
  )
  const toSentinel = (...command: string[]) => sentinels[0]!.ask('SENTINEL', ...command)
  const primary = async (): Promise<SentinelNode> => {
    const info = (await sentinels[0]!.ask('INFO', 'sentinel')) ?? ''
    return nodes.find(({ inner }) => info.includes(`address=127.0.0.1:${inner.port},`))!
  }
  await eventually(async () => {
    for (const sentinel of sentinels) {
      const answer = await sentinel.ask('SENTINEL', 'CKQUORUM', MASTER)
      if (answer?.startsWith('OK 3') !== true) throw new Error(`no quorum yet: ${answer}`)
    }
    await replicated((await primary()).server)
    const info = (await sentinels[0]!.ask('INFO', 'sentinel')) ?? ''
    if (!info.includes('slaves=1')) throw new Error(`the replica is not known: ${info}`)
  }, WITHIN)
  let lost: SentinelNode | null = null
  return {
    url: `redis-sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${MASTER}`,
    natMap: nodes.map(({ inner, outer }) => `127.0.0.1:${inner.port}=127.0.0.1:${outer.port}`).join(','),
    async lose(how) {
      const node = (lost = await primary())
      switch (how) {
        case 'killed':
          return node.server.kill()
        case 'planned':
          return void (await toSentinel('FAILOVER', MASTER))
        case 'cut':
        case 'black-holed':
          for (const proxy of [node.inner, node.outer]) proxy.set(how === 'cut' ? 'cut' : 'swallowed')
          return undefined
        case 'left-open':
          return node.inner.set('cut')
      }
    },
    async restore() {
      const node = lost!
      await eventually(async () => {
        if ((await primary()) === node) throw new Error('no other server has taken over yet')
      }, WITHIN)
      for (const proxy of [node.inner, node.outer]) proxy.set('forwarded')
      if (!(await isUp(node.server))) await node.server.restart()
      await eventually(async () => replicated((await primary()).server), WITHIN)
    },
    async close() {
      await Promise.all(sentinels.map(sentinel => sentinel.close()))
      await Promise.all(nodes.flatMap(({ server, inner, outer }) => [server.close(), inner.close(), outer.close()]))
    },
  }
}

/** Three primaries, a replica each (cluster-node-timeout 5 s). */
export async function startCluster(): Promise<RedisTopology> {
  const nodes: Node[] = []
  for (let i = 0; i < 6; i++) {
    const outer = await startTcpProxy(0)
    const server = await startRedisServer(async () => {
      const bus = await startTcpProxy(0)
      await bus.close()
      return ['--cluster-enabled', 'yes', '--cluster-node-timeout', '5000', '--cluster-port', String(bus.port), '--repl-timeout', '10'] // prettier-ignore
    })
    outer.lead(server.port)
    nodes.push({ server, outer })
  }
  const [first] = nodes as [Node]
  const busOf = async ({ server }: Node) =>
    /:\d+@(\d+) myself/.exec((await server.ask('CLUSTER', 'NODES')) ?? '')?.[1] ?? ''
  const idOf = async ({ server }: Node) => (await server.ask('CLUSTER', 'MYID')) ?? ''
  for (const node of nodes.slice(1))
    await first.server.ask('CLUSTER', 'MEET', '127.0.0.1', String(node.server.port), await busOf(node))
  const RANGES = ['0 5460', '5461 10922', '10923 16383']
  for (const [i, range] of RANGES.entries()) await nodes[i]!.server.ask('CLUSTER', 'ADDSLOTSRANGE', ...range.split(' '))
  await eventually(async () => {
    for (const [i, node] of nodes.slice(3).entries())
      await node.server.ask('CLUSTER', 'REPLICATE', await idOf(nodes[i]!))
    await isWhole()
  }, WITHIN)

  /** Every node knows all six, all slots are served, and each primary has its replica. */
  async function isWhole(): Promise<void> {
    for (const { server } of nodes) {
      const info = (await server.ask('CLUSTER', 'INFO')) ?? ''
      if (!/cluster_state:ok/.test(info) || !/cluster_known_nodes:6/.test(info))
        throw new Error(`not whole yet: ${info}`)
      const list = (await server.ask('CLUSTER', 'NODES')) ?? ''
      if ((list.match(/ (myself,)?slave [\da-f]{40} .* connected/g) ?? []).length < 3)
        throw new Error(`replicas are missing: ${list}`)
    }
    for (const { server } of nodes)
      if (((await server.ask('INFO', 'replication')) ?? '').includes('role:master')) await replicated(server)
  }

  const primaryOf = async (key: string, asked: Node): Promise<Node> => {
    const slot = Number(await asked.server.ask('CLUSTER', 'KEYSLOT', key))
    const line = ((await asked.server.ask('CLUSTER', 'NODES')) ?? '').split('\n').find(one => {
      const ranges = one
        .split(' ')
        .slice(8)
        .map(range => range.split('-').map(Number))
      return one.includes('master') && ranges.some(([from = -1, to = from]) => from <= slot && slot <= to)
    })
    return nodes.find(({ server }) => line?.includes(`:${server.port}@`) === true)!
  }
  let lost: { node: Node; key: string } | null = null
  return {
    url: `redis-cluster://${nodes.map(({ outer }) => `127.0.0.1:${outer.port}`).join(',')}`,
    natMap: nodes.map(({ server, outer }) => `127.0.0.1:${server.port}=127.0.0.1:${outer.port}`).join(','),
    async lose(how, key) {
      const node = await primaryOf(key, first)
      lost = { node, key }
      switch (how) {
        case 'killed':
          return node.server.kill()
        case 'planned':
        case 'left-open': {
          // Sockets to the old primary stay open; it answers that the slot has moved.
          const id = await idOf(node)
          const list = ((await node.server.ask('CLUSTER', 'NODES')) ?? '').split('\n')
          const replica = nodes.find(({ server }) =>
            list.some(line => line.includes(`:${server.port}@`) && line.includes(`slave ${id}`)),
          )
          return void (await replica!.server.ask('CLUSTER', 'FAILOVER'))
        }
        case 'cut':
        case 'black-holed':
          node.server.signal('SIGSTOP')
          return node.outer.set(how === 'cut' ? 'cut' : 'swallowed')
      }
    },
    async restore() {
      const { node, key } = lost!
      const asked = nodes.find(one => one !== node)!
      await eventually(async () => {
        if ((await primaryOf(key, asked)) === node) throw new Error('no other node has taken over yet')
      }, WITHIN)
      node.server.signal('SIGCONT')
      node.outer.set('forwarded')
      if (!(await isUp(node.server))) await node.server.restart()
      await eventually(isWhole, WITHIN)
    },
    close: async () => void (await Promise.all(nodes.flatMap(({ server, outer }) => [server.close(), outer.close()]))),
  }
}

async function replicated(server: RedisServer): Promise<void> {
  const info = (await server.ask('INFO', 'replication')) ?? ''
  if (!/connected_slaves:[1-9]/.test(info) || !info.includes('state=online'))
    throw new Error(`no replica follows yet: ${info}`)
}

const isUp = (server: RedisServer): Promise<boolean> => server.ask('PING').then(() => true, () => false) // prettier-ignore
