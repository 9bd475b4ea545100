import { z } from 'zod'
import { AppError } from '../errors.ts'
import { commandConfig } from './command-config.ts'
import { addressOf } from './listening.ts'

const TIMEOUT_MS = 10_000

const REFUSAL = z.object({ message: z.string() })

export interface AskSandbox {
  /** Below `/_sandbox/`. */
  path: string
  body: object
  /** Where the sandbox is; the demo of this folder, or SANDBOX_PORT, unless told. */
  url: string | undefined
}

/** Posts to a sandbox that runs, and reads its answer. Throws `AppError`: `url_invalid`, `sandbox_unreachable`, `sandbox_refused`. */
export async function askSandbox<Value>(schema: z.ZodType<Value>, { path, body, url }: AskSandbox): Promise<Value> {
  const { createHttpClient } = await import('../http-client.ts')
  const base = url === undefined ? ownAddress() : sandboxAddress(url)
  const http = createHttpClient(1)
  try {
    const { answer, text } = await http.post(`${base}/_sandbox/${path}`, { body: JSON.stringify(body), headers: {}, timeoutMs: TIMEOUT_MS }) // prettier-ignore
    if ('failure' in answer) {
      const message = `no sandbox answers at ${base}; start one with \`order-sync sandbox\`, or the demo with \`order-sync start\`, or name its address with --url`
      throw new AppError('sandbox-unreachable', message)
    }
    const told = answer.status === 200 ? read(schema, text) : null
    if (told !== null) return told
    const words = read(REFUSAL, text)?.message ?? 'no word of why; is this the address of a sandbox?'
    throw new AppError('sandbox-refused', `${base} answered ${answer.status}: ${words}`)
  } finally {
    http.close()
  }
}

function ownAddress(): string {
  const { HOST: host, SANDBOX_PORT: port } = commandConfig([])
  return addressOf(host, port)
}

function sandboxAddress(address: string): string {
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol))
    throw new AppError('url-invalid', '--url: expected an address such as http://127.0.0.1:3002')
  return new URL(address).origin
}

function read<Value>(schema: z.ZodType<Value>, text: string): Value | null {
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    return null
  }
}
