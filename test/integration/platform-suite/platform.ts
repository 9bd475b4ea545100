import type { SandboxOptions } from '../../../src/sandbox/server.ts'
import type { AlertLine, Settings, useAlertLines } from '../alert-line.ts'

/** How each test opens a line of its own. */
export type Open = ReturnType<typeof useAlertLines>

/** What the suite must know of a platform that sends alerts: how to speak as it, and what it was told. */
export interface Platform {
  /** As it stands in the route of its hook, in the ids of its cases and as the folder of its captures. */
  name: string
  /** Settings under which nobody can be let in. */
  unconfigured: Settings
  /** Headers that let this body in. */
  credentials(line: AlertLine, raw: Buffer): Record<string, string>
  /** Headers that do not, by what is wrong with them. */
  strangers(line: AlertLine, raw: Buffer): Record<string, Record<string, string>>
  /** Captures that are one event, written in two ways. */
  alike: readonly (readonly [string, string])[]
  /** Members, as a fault names them, that say what an event is and what it is about: without them there is none. */
  vital: readonly string[]
  /** Makes an alert about a paid order of 30.00 dollars that is to be refunded; nothing is sent by it. */
  raise(line: AlertLine, orderId: string): Raised
  /** What the platform was told of an alert. */
  told(line: AlertLine, guid: string): Told
  /** The sandbox's name of the call that answers an alert. */
  answerCall: 'resolution' | 'update-outcome'
  /** The platform's words for a full refund, and for what a person puts in words of their own. */
  outcomes: { refunded: string; other: string }
  /** A body of the platform that refuses with these words. */
  refusal(words: string): object
  /** Has the sandbox refuse the same answer once more. */
  refusingRepeats: SandboxOptions
}

/** An alert that can be told of. */
export interface Raised {
  guid: string
  /** The events that tell of it, in the usual order, each with what happens at the platform as it is sent. */
  events: readonly (() => string)[]
}

/** What came at the platform in answer to one alert. */
export interface Told {
  /** Null: nothing was accepted. */
  outcome: string | null
  attempted: number
  conflicted: number
  /** Each different text that came. */
  texts: readonly string[]
  /** When the first came; milliseconds since 1970. */
  firstAt: number
}

/** The id of the case of an alert. */
export const caseIdOf = ({ name }: Pick<Platform, 'name'>, guid: string): string => `${name}:${guid}`

/** Where a platform's hook is. */
const hookUrlOf = ({ name }: Pick<Platform, 'name'>, line: AlertLine): string => line.hookUrl.replace(/[^/]+$/, name)

interface Sent {
  method?: 'GET' | 'POST'
  headers?: Record<string, string>
}

/** Sends a body to a platform's hook, let in unless other headers are given. */
export async function deliver(platform: Platform, line: AlertLine, body: string | Buffer, sent: Sent = {}) {
  const raw = Buffer.from(body)
  const { method = 'POST', headers = platform.credentials(line, raw) } = sent
  const answer = await fetch(hookUrlOf(platform, line), {
    method,
    headers: { ...headers, ...(method === 'POST' && { 'content-type': 'application/json' }) },
    ...(method === 'POST' && { body: new Uint8Array(raw) }),
  })
  return { status: answer.status, text: await answer.text(), headers: answer.headers }
}
