import { connect } from 'node:net'

/**
 * Sends one command to a Redis on this machine over a connection of its own and answers with the reply as text,
 * or null when the connection closed without one (SHUTDOWN does that). A Redis error, a refused connection and
 * silence for `timeoutMs` are thrown.
 */
export function ask(port: number, command: string[], timeoutMs = 1_000): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port })
    const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
    let received = ''
    let reply: Reply | undefined
    socket.setEncoding('latin1')
    socket.on('connect', () => socket.write(encode(command)))
    socket.on('data', chunk => {
      received += String(chunk)
      reply = decode(received)
      if (reply) socket.destroy()
    })
    socket.on('error', reject)
    socket.on('close', () => {
      clearTimeout(timer)
      if (reply?.isError) reject(new Error(reply.text))
      else resolve(reply?.text ?? null)
    })
  })
}

type Reply = { isError: boolean; text: string }

function encode(command: string[]): string {
  const parts = command.map(part => `$${Buffer.byteLength(part)}\r\n${part}\r\n`)
  return `*${command.length}\r\n${parts.join('')}`
}

/** Reads one whole reply, of the kinds that PING, INFO and SHUTDOWN give; undefined while some of it is missing. */
function decode(received: string): Reply | undefined {
  const lineEnd = received.indexOf('\r\n')
  if (lineEnd < 0) return undefined
  const head = received.slice(1, lineEnd)
  if (!received.startsWith('$')) return { isError: received.startsWith('-'), text: head }
  const body = received.slice(lineEnd + 2)
  const length = Number(head)
  return body.length < length + 2 ? undefined : { isError: false, text: body.slice(0, length) }
}
