import { connect, createServer, type Socket } from 'node:net'

/** What becomes of connections through a proxy: forwarded, ended and refused, or kept open in silence. */
type Traffic = 'forwarded' | 'cut' | 'swallowed'

/** Stands between clients and one server, on a port of its own. */
export interface TcpProxy {
  port: number
  /** Where new connections lead from now on; those that are open stay where they are. */
  lead(port: number): void
  /** From now on, open connections included. What was swallowed stays lost when forwarding begins again. */
  set(traffic: Traffic): void
  /** Swallows what the server answers, and forwards what it is asked. */
  swallowAnswers(): void
  close(): Promise<void>
}

/** Starts a proxy in front of a server on this machine. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  let traffic: Traffic = 'forwarded'
  let answers: 'forwarded' | 'swallowed' = 'forwarded'
  let to = target
  const sockets = new Set<Socket>()
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  }
  const server = createServer({ allowHalfOpen: false }, client => {
    keep(client)
    if (traffic === 'cut') return void client.resetAndDestroy()
    if (traffic === 'swallowed') return void client.on('data', () => {})
    const upstream = connect(to, '127.0.0.1')
    keep(upstream)
    client.on('data', bytes => traffic === 'forwarded' && upstream.write(bytes))
    upstream.on('data', bytes => traffic === 'forwarded' && answers === 'forwarded' && client.write(bytes))
    client.on('close', () => upstream.destroy())
    // Behind a network that swallows everything the end of a connection is not noticed.
    upstream.on('close', () => traffic !== 'swallowed' && client.destroy())
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as { port: number }).port,
    lead: port => void (to = port),
    set(next) {
      traffic = next
      answers = 'forwarded'
      if (next === 'cut') for (const socket of sockets) socket.resetAndDestroy()
    },
    swallowAnswers: () => void (answers = 'swallowed'),
    async close() {
      const closed = new Promise(resolve => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
