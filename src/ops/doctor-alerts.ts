import type { Config, ConfigName } from '../config.ts'
import { EVENT_TYPES } from '../domain/alert/event.ts'
import { judgeAnswer } from '../domain/judge-answer.ts'
import { planSubscriptions, type Remembered } from '../domain/subscription-plan.ts'
import { createMidigatorEventsApi } from '../platforms/midigator/events-api.ts'
import type { HttpClient } from '../http-client.ts'
import { lookAtGateway } from './doctor-gateway.ts'
import { fault, fine, unwise, warn, type DoctorLine } from './doctor-line.ts'
import type { SubscriptionTools } from './subscriptions.ts'

/** What alerts cannot do without, beside the secret itself. */
const NEEDED: readonly ConfigName[] = [
  'MIDIGATOR_HOOK_USERNAME', 'MIDIGATOR_HOOK_PASSWORD', 'MIDIGATOR_EMAIL', 'PUBLIC_URL', 'REFUND_MODE', 'REFUND_HTTP_URL',
  'REFUND_HTTP_SECRET',
] // prettier-ignore

export interface AlertLook {
  config: Config
  http: HttpClient
  /** Which subscriptions we remember making; empty while Redis is away. */
  remembered: () => Promise<Remembered>
  wish: SubscriptionTools['subscriptionWish']
}

/** The way of alerts: is everything set, does the platform take the secret, are we told of events, can the gateway be read? */
export async function lookAtAlerts(look: AlertLook): Promise<DoctorLine[]> {
  const { config } = look
  const needed =
    config.REFUND_MODE === 'off' || config.REFUND_GATEWAY === 'manual'
      ? NEEDED.filter(name => !name.startsWith('REFUND_HTTP'))
      : NEEDED
  const missing = needed.filter(name => config[name] === undefined)
  const isOthers = config.CHARGEBACKHIT_SECRET_KEY !== undefined
  if (config.MIDIGATOR_API_SECRET === undefined && isOthers) return lookAtGateway(config, look.http)
  if (config.MIDIGATOR_API_SECRET === undefined) {
    const isHalf = missing.length < needed.length - (config.PUBLIC_URL === undefined ? 0 : 1)
    const todo = 'set MIDIGATOR_API_SECRET and the settings beside it (see .env.example), or leave them all out'
    return isHalf
      ? [fault('alerts', 'MIDIGATOR_API_SECRET is missing: no alert can be looked at or answered', todo)]
      : [fine('alerts', 'not configured: orders alone are kept current')]
  }
  const token = await askToken(look)
  return [
    missing.length === 0
      ? fine('alerts', 'everything is set')
      : unwise(config.NODE_ENV === 'production')('alerts', `missing: ${missing.join(', ')}`, 'set them; .env.example describes each'), // prettier-ignore
    token.line,
    ...(token.value === null ? [] : [await subscriptionLine(look, token.value)]),
    ...(await lookAtGateway(config, look.http)),
  ]
}

const SECRET = 'midigator api secret'

async function askToken({ config, http }: AlertLook): Promise<{ line: DoctorLine; value: string | null }> {
  const { MIDIGATOR_AUTH_URL: url, PUSH_TIMEOUT_MS: timeoutMs } = config
  const headers = { authorization: `Bearer ${config.MIDIGATOR_API_SECRET}` }
  const { answer, text } = await http.call({ method: 'POST', url: `${url}/auth`, headers, timeoutMs })
  const none = (line: DoctorLine) => ({ line, value: null })
  if ('failure' in answer)
    return none(fault(SECRET, `${new URL(url).host}: ${answer.failure}`, 'check MIDIGATOR_AUTH_URL and the way out of this machine')) // prettier-ignore
  const verdict = judgeAnswer(answer, config.THROTTLE_MAX_MS)
  switch (verdict.next) {
    case 'accept': {
      const value = tokenIn(text)
      return value === null
        ? none(fault(SECRET, 'the answer holds no token', 'check MIDIGATOR_AUTH_URL'))
        : { line: fine(SECRET, 'accepted'), value }
    }
    case 'wait':
    case 'back-off':
      return none(warn(SECRET, `the platform has trouble of its own (${answer.status})`, 'try again later'))
    default:
      return none(fault(SECRET, `refused with ${answer.status}`, 'check MIDIGATOR_API_SECRET; Midigator gives it out'))
  }
}

function tokenIn(text: string): string | null {
  try {
    const { token } = JSON.parse(text) as { token?: unknown }
    return typeof token === 'string' && token !== '' ? token : null
  } catch {
    return null
  }
}

const SUBSCRIPTIONS = 'subscriptions'

/** Only looks: mending is `subscriptions sync`, or the daemon `scheduler`. */
async function subscriptionLine({ config, http, wish, remembered }: AlertLook, token: string): Promise<DoctorLine> {
  const wanted = wish()
  if ('missing' in wanted)
    return warn(SUBSCRIPTIONS, `not looked at: ${wanted.missing.join(', ')} missing`, 'set them; the alerts come by subscription') // prettier-ignore
  const events = createMidigatorEventsApi({ url: config.MIDIGATOR_EVENTS_URL, http })
  const said = await events.listSubscriptions({ token, generation: 0 }, { timeoutMs: config.PUSH_TIMEOUT_MS })
  if (said.value === undefined)
    return fault(SUBSCRIPTIONS, 'they cannot be read', 'check MIDIGATOR_EVENTS_URL; try order-sync subscriptions')
  const terms = { now: Date.now(), graceMs: config.SUBSCRIPTION_PING_MS }
  const steps = planSubscriptions(wanted.wish, said.value, await remembered(), terms)
  if (steps.length > 0 && steps.every(({ step }) => step === 'await-ping'))
    return warn(
      SUBSCRIPTIONS,
      'new, and not active yet: Midigator calls each first',
      'wait a minute; then check PUBLIC_URL',
    )
  return steps.length === 0
    ? fine(SUBSCRIPTIONS, `all ${EVENT_TYPES.length} are active`)
    : fault(
        SUBSCRIPTIONS,
        `not as wanted: ${steps.map(({ step, eventType }) => `${step} ${eventType}`).join(', ')}`,
        'run order-sync subscriptions sync, or start the daemon scheduler',
      )
}
