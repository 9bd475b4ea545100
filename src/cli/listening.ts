import { AppError } from '../errors.ts'

/** What the system was asked for when a listener could not start; the same codes mean other things elsewhere. */
const LISTENING = new Set(['listen', 'bind', 'getaddrinfo'])

/** What a listener's start failed with; a port or address it cannot have is told with the variable to change. */
export function portError(error: unknown, variable: string, port: number): unknown {
  const { code, syscall = '' } = error as NodeJS.ErrnoException
  if (!LISTENING.has(syscall)) return error
  if (code === 'EADDRINUSE') {
    const message = `port ${port} is in use by another program; end that one, or set ${variable} to a free port`
    return new AppError('port-in-use', message, { cause: error })
  }
  if (code === 'EACCES') {
    const message = `port ${port} may not be used by this user; set ${variable} to one above 1023`
    return new AppError('port-denied', message, { cause: error })
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    const message = 'HOST is no address of this machine; set it to 127.0.0.1, or to 0.0.0.0 for every one it has'
    return new AppError('host-unknown', message, { cause: error })
  }
  return error
}

/** Where something on this machine that listens on `host` is reached. */
export function addressOf(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}
