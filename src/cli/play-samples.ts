import type { Deps } from '../deps.ts'
import { alertStories } from '../demo/alert-stories.ts'
import { awaitSubscriptions } from '../demo/await-subscriptions.ts'
import { nextDay, type Demo } from '../demo/open-demo.ts'
import { playAlerts, type Ending } from '../demo/play-alerts.ts'
import { playDay } from '../demo/play-day.ts'
import { sampleDay } from '../demo/samples.ts'
import { EVENT_TYPES } from '../domain/alert/event.ts'
import { SENT_FIELDS } from '../domain/order-fields.ts'
import { createHttpClient } from '../http-client.ts'
import { JOBS } from '../jobs/index.ts'
import { recordDecision } from '../ops/case-actions.ts'
import type { ChangeResult } from '../sources/accept-changes.ts'
import type { DaemonName } from './daemon-names.ts'
import { print } from './print.ts'
import { sendChanges } from './send-changes.ts'
import type { RunningDaemons } from './start-daemons.ts'

/** What a sample day is played on. */
export interface Play {
  demo: Demo
  deps: Deps
  urls: RunningDaemons['urls']
  names: readonly DaemonName[]
  signal: AbortSignal
}

const ORDERS_NEED: readonly DaemonName[] = ['ingress', 'order-sync']
const ALERTS_NEED: readonly DaemonName[] = [...ORDERS_NEED, 'alerts', 'scheduler']

/** A day of sample orders and alerts through the real hooks, as far as the daemons for them run, printed line by line. */
export async function playSamples(play: Play): Promise<void> {
  const isRunning = (name: DaemonName) => play.names.includes(name)
  if (!ORDERS_NEED.every(isRunning)) {
    print(`No sample orders are sent: they need the daemons ${ORDERS_NEED.join(' and ')}.`)
    return
  }
  const { firstOrder, isFirst } = nextDay()
  // The sandbox forgets its subscriptions at every stop; they are made now, whatever the schedule says.
  if (ALERTS_NEED.every(isRunning)) await play.deps.queues.enqueue(JOBS.ensureSubscriptions, [{}])
  if (!isFirst) await tellAgain(play.deps)
  await playOrders(play, firstOrder)
  if (ALERTS_NEED.every(isRunning)) await tellAlerts(play, firstOrder)
  else print(`No sample alerts are sent: they need the daemons ${ALERTS_NEED.join(', ')}.`)
  tellEnd(firstOrder, play.urls)
}

async function playOrders({ demo, deps, urls, signal }: Play, firstOrder: number): Promise<void> {
  const http = createHttpClient(4)
  try {
    const to = { url: `${urls.ingress}/hooks/orders/generic`, secret: demo.env.HOOK_SECRET, http }
    print('A short day of a shop’s CRM, sent through the hook:')
    const { acknowledged, of } = await playDay({
      day: sampleDay(firstOrder, Date.now()),
      send: async change => (await sendChanges([change], to))[0] as ChangeResult,
      orders: deps.orders,
      isAcknowledged: orderId => demo.sandbox.inbox.record(orderId) !== undefined,
      say: print,
      signal,
    })
    print()
    print(
      acknowledged === of
        ? `Every order was acknowledged by the sandbox: ${acknowledged}/${of}.`
        : `Orders acknowledged by the sandbox so far: ${acknowledged}/${of}. The rest is retried automatically.`,
    )
    print()
  } finally {
    http.close()
  }
}

async function tellAlerts({ demo, deps, urls, signal }: Play, firstOrder: number): Promise<void> {
  const kinds = await awaitSubscriptions(demo.sandbox, urls.ingress ?? '', { wanted: EVENT_TYPES.length, signal })
  if (kinds < EVENT_TYPES.length) {
    print(`Midigator is subscribed to ${kinds} of ${EVENT_TYPES.length} event types so far, so no alerts are sent.`)
    print('  npx order-sync subscriptions     shows the subscriptions')
    return
  }
  // The demo's CRM has sent every order it has: "no order found" can be certain.
  await deps.sourceStore.complete('generic', (await deps.health.now()) - YEAR_MS, IN_PLACE.by)
  print('Midigator sends five event types to this machine: it was asked to, and has called our hook to make sure.')
  print('Chargebackhit sends its alerts to our hook too: our reply is the resolution, or announces one.')
  print('Twelve alerts, nine of Midigator and three of Chargebackhit. Refunds go to a gateway of the sandbox,')
  print('above 200.00 USD only with a person’s approval:')
  const ending = await playAlerts({
    stories: alertStories(firstOrder),
    sandbox: demo.sandbox,
    cases: deps.cases,
    approve: async id => (await recordDecision(deps, id, { decision: 'approve' }, IN_PLACE)).done === 'recorded',
    howTo: {
      approve: id => [
        ...(urls.ops ? [`approve on its page      ${urls.ops}/cases/${id}`] : []),
        `or in a second terminal  npx order-sync cases approve ${id}`,
      ],
      decide: id => [
        ...(urls.ops ? [`decide on its page       ${urls.ops}/cases/${id}`] : []),
        `or in a second terminal  npx order-sync cases show ${id}`,
      ],
    },
    say: print,
    signal,
  })
  print()
  print(describeEnding(ending))
  print()
}

const YEAR_MS = 365 * 86_400_000

function describeEnding({ of, resolved, informed, waiting, underWay, refunds }: Ending): string {
  const are = (count: number) => (count === 1 ? 'is' : 'are')
  const parts = [
    `${resolved} ${are(resolved)} resolved`,
    `${informed} ${are(informed)} information only`,
    ...(waiting > 0 ? [`${waiting} ${waiting === 1 ? 'waits' : 'wait'} for a person`] : []),
    ...(underWay > 0 ? [`${underWay} ${are(underWay)} still under way`] : []),
  ]
  return `Of ${of} alerts ${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}; ${refundsSent(refunds)}.`
}

function refundsSent(count: number): string {
  if (count === 0) return 'no refund was sent'
  return count === 1
    ? '1 refund was sent, and its order has it'
    : `${count} refunds were sent, and their orders have them`
}

/** Who approves where no person does. */
const IN_PLACE = { by: 'the demo', reason: 'an example of what a person does' }

/** The sandbox keeps nothing over a stop: all that it was sent is unconfirmed now. */
async function tellAgain(deps: Deps): Promise<void> {
  const all = { sinceMs: 0, untilMs: await deps.health.now(), fields: SENT_FIELDS }
  const count = await deps.pushes.doubtChangedSince(all, deps.wantSync)
  if (count === 0) return
  print(`The sandbox begins empty: the ${count} orders of earlier days are sent to it again.`)
}

function tellEnd(firstOrder: number, urls: RunningDaemons['urls']): void {
  if (urls.ops) print(`Dashboard: ${urls.ops}`)
  print()
  print('Try next, in a second terminal in this folder:')
  print(`  npx order-sync trace ${firstOrder}      what happened to one order, from hook to refund and resolution`)
  print('  npx order-sync cases             every alert and its result')
  print('  npx order-sync rejected          what was rejected, and which field was at fault')
  print('  npx order-sync sandbox trigger   have a platform send one more alert')
  print('  npx order-sync --help            everything else')
}
