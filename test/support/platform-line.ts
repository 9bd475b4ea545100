import { connect, createServer, type Server, type Socket } from 'node:net'

/** The line between us and a platform, on a port of its own, which a test can cut and lead elsewhere. */
export interface PlatformLine {
  /** The Data API's base at this end of the line. */
  dataUrl: string
  /** How many connections were tried since the line was cut, as far as there was anybody to see them. */
  triedSinceCut(): number
  /** `refusing`: nobody listens on the port. `resetting`: every connection is taken and torn down at once. */
  cut(how: 'refusing' | 'resetting'): Promise<void>
  /** Connects to the platform at this address from now on. */
  lead(to: string): Promise<void>
  close(): Promise<void>
}

export async function layLine(to: string): Promise<PlatformLine> {
  let target = Number(new URL(to).port)
  let isCut = false
  let tried = 0
  const open = new Set<Socket>()

  function onConnection(near: Socket): void {
    near.on('error', () => {})
    if (isCut) {
      tried += 1
      near.resetAndDestroy()
      return
    }
    const far = connect(target, '127.0.0.1')
    far.on('error', () => {})
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one)
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  }

  let server: Server | undefined
  const listen = (port: number): Promise<number> =>
    new Promise((resolve, reject) => {
      const opened = createServer(onConnection)
      server = opened
      opened.once('error', reject)
      opened.listen(port, '127.0.0.1', () => resolve((opened.address() as { port: number }).port))
    })
  const hangUp = () => {
    for (const socket of open) socket.destroy()
  }
  async function stopListening(): Promise<void> {
    const stopped = server
    server = undefined
    hangUp()
    if (stopped) await new Promise(resolve => stopped.close(resolve))
  }
  const port = await listen(0)

  return {
    dataUrl: `http://127.0.0.1:${port}/v1`,
    triedSinceCut: () => tried,
    async cut(how) {
      isCut = true
      tried = 0
      hangUp()
      if (how === 'refusing') await stopListening()
      else if (server === undefined) await listen(port)
    },
    async lead(to) {
      target = Number(new URL(to).port)
      isCut = false
      hangUp()
      if (server === undefined) await listen(port)
    },
    close: stopListening,
  }
}
