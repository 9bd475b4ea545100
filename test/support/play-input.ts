import { setTimeout as pause } from 'node:timers/promises'
import { parseConfig } from '../../src/config.ts'
import { createDeps } from '../../src/deps.ts'
import { startIngress } from '../../src/http/start-ingress.ts'
import { startAlerts, startOrderSync, startScheduler } from '../../src/queue/start-jobs.ts'
import { startSandbox, type Sandbox } from '../../src/sandbox/server.ts'
import { ALERT_BASIC, ALERT_HOOK } from './alert-fleet.ts'
import { startGatewayFront, startListener, type GatewayFront } from './gateway-front.ts'
import { createHookSender, type HookSender } from './hook-sender.ts'
import { fillMarks, type InputFile } from './input-file.ts'
import { sendAlert } from './send-alert.ts'

/** Only durations differ from what is shipped, so that a case rests within a second; and refunds are automatic. */
const QUICK: Record<string, string> = {
  REFUND_MODE: 'auto',
  REQUEST_SETTLE_MS: '400',
  MATCH_GRACE_MS: '400',
  REFUND_LIST_LAG_MS: '200',
  REFUND_LOOKUPS_MS: '50,100,200,400',
  ORDER_SYNC_SETTLE_MS: '0',
  PUSH_DOUBT_MS: '250',
  BACKOFF_MIN_MS: '10',
  BACKOFF_MAX_MS: '100',
  BREAKER_FAILURES: '1000',
  SWEEP_MS: '500',
  DEADLINES_MS: '200',
  CASE_LOOK_MS: '1500',
  CATCH_UP_MS: '3600000',
  LOG_LEVEL: 'silent',
}
const HOOK_SECRET = `whsec_${Buffer.from('the secret of a CRM in these tests').toString('base64')}`
const ALARM_SECRET = `whsec_${Buffer.from('the secret of alarms in these tests').toString('base64')}`
const WAITING = new Set(['parked', 'awaiting-approval'])

/** The world after a play, as its parts themselves show it. */
export interface ObservedWorld {
  /** What our doors answered to the alert's events. */
  alertAnswers: number[]
  /** What became of each change: its result, and the fields that could not be read. */
  changes: string[]
  refunds: string[]
  resolution: string | null
  personAsked: boolean
  /** Where our cases of this alert are, and why. */
  cases: string[]
  /** The platform's copy of the order. */
  order: Record<string, unknown>
}

/** Observes what became of an input that was played. */
type Observe = () => Promise<ObservedWorld>

export interface InputWorld {
  /** Plays one input on an order of its own; resolves once nothing of it moves any more. `number`: 1,000 to 9,999, never twice. */
  play: (input: InputFile, number: number) => Promise<Observe>
  close: () => Promise<void>
}

/** Everything real in one process: ingress, workers and scheduler on Redis; the platforms and the gateway over HTTP. */
export async function openInputWorld(redisUrl: string, namespace: string): Promise<InputWorld> {
  const sandbox = await startSandbox()
  const gateway = await startGatewayFront(sandbox.gatewayUrl)
  const alarms = await startListener()
  const config = parseConfig(
    {
      ...QUICK,
      REDIS_URL: redisUrl,
      REDIS_NAMESPACE: namespace,
      PORT: '0',
      HOOK_SECRET,
      MIDIGATOR_DATA_URL: sandbox.dataUrl,
      MIDIGATOR_DATA_USERNAME: 'sandbox_user',
      MIDIGATOR_DATA_PASSWORD: '4f86fed3605b647f948a69ec6bcf728d',
      MIDIGATOR_AUTH_URL: sandbox.authUrl,
      MIDIGATOR_EVENTS_URL: sandbox.eventsUrl,
      MIDIGATOR_PREVENTION_URL: sandbox.preventionUrl,
      MIDIGATOR_API_SECRET: sandbox.apiSecret,
      MIDIGATOR_HOOK_USERNAME: ALERT_HOOK.username,
      MIDIGATOR_HOOK_PASSWORD: ALERT_HOOK.password,
      CHARGEBACKHIT_URL: sandbox.chargebackhitUrl,
      CHARGEBACKHIT_PUBLIC_KEY: sandbox.chargebackhitKeys.publicKey,
      CHARGEBACKHIT_SECRET_KEY: sandbox.chargebackhitKeys.secretKey,
      REFUND_HTTP_URL: gateway.url,
      REFUND_HTTP_SECRET: sandbox.gatewaySecret,
      ALARM_URL: alarms.url,
      ALARM_SECRET,
    },
    [],
  )
  const doorDeps = createDeps(config, { name: 'door', patience: 'patient' })
  const ingress = await startIngress(doorDeps)
  const deps = createDeps(config, { name: 'worker', patience: 'patient' })
  const daemons = [await startOrderSync(deps), await startAlerts(deps), await startScheduler(deps)]
  const hook = createHookSender(ingress.url, HOOK_SECRET)
  sandbox.chargebackhit.notifyAt(`${ingress.url}/hooks/alerts/chargebackhit`)
  const alertHook = { url: `${ingress.url}/hooks/alerts/midigator`, authorization: ALERT_BASIC }

  async function play(input: InputFile, number: number): Promise<Observe> {
    const orderId = `W-${number}`
    const filled = fillMarks(input, { orderId, number, now: Date.now() })
    prepareGateway(filled.gateway, orderId, { sandbox, gateway })
    const mayWait = input.expected.some(({ resolution, personAsked }) => resolution === null && personAsked !== true)
    const changes: string[] = []
    for (const change of filled.changes) changes.push(...(await sendChange(hook, change)))
    await pushed(sandbox, orderId)
    const alert = await sendAlert(filled, orderId, { sandbox, hook: alertHook })
    const observe: Observe = async () => {
      const records = await deps.cases.records(alert.caseIds)
      const refunds = gateway.asked(orderId).map(({ amount }) => amount)
      const named = [orderId, ...alert.caseIds]
      return {
        alertAnswers: alert.answers,
        changes,
        refunds,
        resolution: alert.resolution(),
        personAsked:
          records.some(record => WAITING.has(record.state)) ||
          alarms.bodies.some(body => named.some(name => body.includes(name))),
        cases: records.map(({ kind, state, reason }) => `${kind} ${state}: ${reason}`),
        order: sandbox.inbox.record(orderId) ?? {},
      }
    }
    await atRest(observe, mayWait)
    for (const change of filled.after ?? []) changes.push(...(await sendChange(hook, change)))
    if (filled.after !== undefined) await atRest(observe, mayWait)
    return observe
  }

  return {
    play,
    async close() {
      hook.close()
      for (const daemon of daemons.toReversed()) await daemon.close(1_000)
      await deps.close()
      await ingress.close(1_000)
      await doorDeps.close()
      for (const part of [alarms, gateway, sandbox]) await part.close()
    },
  }
}

function prepareGateway(
  { captured, currency, statesRefundable = true, refunds = [] }: InputFile['gateway'],
  orderId: string,
  { sandbox, gateway }: { sandbox: Sandbox; gateway: GatewayFront },
): void {
  sandbox.payments.set(orderId, { captured, currency })
  if (!statesRefundable) gateway.hideRefundable(orderId)
  const unnamed = { transaction_id: null, key: null, reference: null, reason: null }
  for (const { amount, at, status = 'succeeded' } of refunds) {
    const opening = { ...unnamed, order_id: orderId, amount, currency }
    sandbox.refunds.add(sandbox.refunds.draft(opening, status, Date.parse(at)))
  }
}

/** Sends one delivery; answers what became of each of its changes. */
async function sendChange(hook: HookSender, change: unknown): Promise<string[]> {
  const { status, body } = await hook.sendBytes(Buffer.from(JSON.stringify(change)))
  const results = body.results ?? [{ status: `answered ${status}`, errors: body.errors ?? [] }]
  return results.map(({ status: result, errors = [] }) => [result, ...errors.map(({ field }) => field)].join(' '))
}

/** Waits until the platform has the order and nothing more comes; an order that is held back is not waited for long. */
async function pushed({ inbox }: Sandbox, orderId: string): Promise<void> {
  const calls = () => inbox.order(orderId)?.history.length ?? 0
  const giveUpAt = performance.now() + 1_500
  for (let before = 0, still = 0; still < 6 && performance.now() < giveUpAt; await pause(50)) {
    still = calls() > 0 && calls() === before ? still + 1 : 0
    before = calls()
  }
}

/** Waits until the alert is answered or a person is asked, and nothing changes for a second; one that merely waits is given six. */
async function atRest(observe: Observe, mayWait: boolean): Promise<void> {
  const giveUpAt = performance.now() + (mayWait ? 6_000 : 40_000)
  for (let before = '', since = 0; performance.now() < giveUpAt; await pause(100)) {
    const observed = await observe()
    const now = JSON.stringify(observed)
    if (now !== before) since = performance.now()
    before = now
    const isOver = observed.resolution !== null || observed.personAsked
    if (isOver && performance.now() - since > 1_000) return
  }
}
