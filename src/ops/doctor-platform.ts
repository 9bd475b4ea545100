import type { Config } from '../config.ts'
import { judgeAnswer, type Answer } from '../domain/judge-answer.ts'
import type { Post } from '../http-client.ts'
import { fault, fine, warn, type DoctorLine } from './doctor-line.ts'

type PlatformConfig = Pick<
  Config,
  'MIDIGATOR_DATA_URL' | 'MIDIGATOR_DATA_USERNAME' | 'MIDIGATOR_DATA_PASSWORD' | 'PUSH_TIMEOUT_MS' | 'THROTTLE_MAX_MS'
>

const [REACH, CREDENTIALS, ALLOWED] = ['midigator reachable', 'midigator credentials', 'midigator allow-list']
const ALLOW_LIST = "ask Midigator to allow-list this machine's public address"

/** Asks the platform for a token, as a worker would, and throws it away: reachable, password right, let in? */
export async function lookAtPlatform(config: PlatformConfig, post: Post): Promise<DoctorLine[]> {
  const { MIDIGATOR_DATA_URL: url, MIDIGATOR_DATA_USERNAME: username, MIDIGATOR_DATA_PASSWORD: password } = config
  if (username === undefined || password === undefined) {
    const says = 'MIDIGATOR_DATA_USERNAME or MIDIGATOR_DATA_PASSWORD is missing: nothing can be pushed'
    return [fault(CREDENTIALS, says, 'set both; Midigator gives them out')]
  }
  const body = JSON.stringify({ username, password })
  const { answer, text } = await post(`${url}/auth`, { body, headers: {}, timeoutMs: config.PUSH_TIMEOUT_MS })
  if ('failure' in answer) return [unreached(new URL(url).host, answer)]
  return [fine(REACH, `${new URL(url).host} answers`), ...judged(answer, text, config.THROTTLE_MAX_MS)]
}

const unreached = (host: string, { failure }: Extract<Answer, { failure: string }>): DoctorLine =>
  failure === 'timeout'
    ? fault(REACH, `${host} did not answer in time`, `check the way out of this machine; or ${ALLOW_LIST}`)
    : fault(
        REACH,
        failure === 'unsent' ? `no connection to ${host}` : `the connection to ${host} broke off (TLS or a proxy)`,
        'check MIDIGATOR_DATA_URL, name resolution, and that a firewall lets this machine out',
      )

function judged(answer: Extract<Answer, { status: number }>, text: string, throttleMaxMs: number): DoctorLine[] {
  const verdict = judgeAnswer(answer, throttleMaxMs)
  const { status } = answer
  switch (verdict.next) {
    case 'accept':
      return text.includes('"authorization_key"')
        ? [fine(CREDENTIALS, 'a token was given'), fine(ALLOWED, 'the address of this machine is accepted')]
        : [fault(CREDENTIALS, 'the answer holds no token', 'check MIDIGATOR_DATA_URL: is this the Data API?')]
    case 'renew-token':
    case 'reject':
      return [fault(CREDENTIALS, `refused with ${status}`, 'check MIDIGATOR_DATA_USERNAME and MIDIGATOR_DATA_PASSWORD')]
    case 'stop':
      return verdict.cause === 'redirected'
        ? [fault(REACH, `answers with a redirect (${status}), which is never followed`, 'check MIDIGATOR_DATA_URL')]
        : [fault(ALLOWED, `refused with ${status}`, ALLOW_LIST)]
    case 'wait':
      return [warn(CREDENTIALS, 'rate-limited (429)', 'try again later; set MIDIGATOR_RATE_MAX if it happens often')]
    case 'back-off':
      return [warn(CREDENTIALS, `trouble of its own (${verdict.code})`, 'nothing to do here; try again later')]
  }
}
