import type { Sandbox } from '../sandbox/server.ts'
import { isChargebackhitScenario } from '../sandbox/chargebackhit-plans.ts'
import type { ChargebackhitScenarioName } from '../sandbox/chargebackhit-plans.ts'
import type { ScenarioOptions } from '../sandbox/scenario-options.ts'
import type { ScenarioName } from '../sandbox/scenario-plans.ts'
import type { AlertStory } from './alert-stories.ts'

/** An alert that the sandbox has sent in a platform's name. */
export interface SentAlert {
  caseId: string
  /** Who alerts, and over how much. */
  subject: string
  /** What the platform took as the final answer, in its own words; null while there is none. */
  answer: () => string | null
}

/** The platforms' sides that alerts are sent by and answers are looked up in. */
export type SendingSides = Pick<Sandbox, 'scenarios' | 'alerts' | 'chargebackhit'>

/** Has the platform of a story send its alert; rejects where the sandbox cannot play it. */
export const sendAlert = async (
  { scenario, orderId, spreadMs }: AlertStory,
  sides: SendingSides,
): Promise<SentAlert> =>
  isChargebackhitScenario(scenario)
    ? sendByChargebackhit(scenario, orderId, sides)
    : sendByMidigator(scenario, { ...aboutOrder(orderId), ...(spreadMs && { spread_ms: spreadMs }) }, sides)

function sendByMidigator(scenario: ScenarioName, about: ScenarioOptions, sides: SendingSides): SentAlert {
  const { prevention_guid: guid } = sides.scenarios.trigger(scenario, about)
  if (guid === null) throw new Error(`expected ${scenario} to make an alert, and it made none`)
  const alert = sides.alerts.get(guid)
  const partner = alert?.partner === 'verifi' ? 'Verifi' : 'Ethoca'
  return {
    caseId: `midigator:${guid}`,
    subject: alert === undefined ? 'alert' : `${partner} ${alert.amount} ${alert.currency}`,
    answer: () => sides.alerts.get(guid)?.resolutions.accepted?.resolution_type ?? null,
  }
}

const aboutOrder = (orderId: string | null) => (orderId === null ? {} : { order_id: orderId })

/** Resolves once its first delivery has ended, since the reply to that is an answer already. */
async function sendByChargebackhit(
  scenario: ChargebackhitScenarioName,
  orderId: string | null,
  { chargebackhit }: SendingSides,
): Promise<SentAlert> {
  const scene = chargebackhit.scenarios.get(scenario)?.run(aboutOrder(orderId))
  if (scene === undefined) throw new Error(`expected the scenario ${scenario}, and the sandbox has none of this name`)
  const { alert_id: id, delivered } = scene
  await delivered
  return {
    caseId: `chargebackhit:${id}`,
    subject: subjectOf(id, chargebackhit),
    answer: () => answerTo(id, chargebackhit),
  }
}

const PRODUCT_NAMES: Readonly<Record<string, string>> = { ethoca: 'Ethoca', oi: 'Order Insight', rdr: 'RDR' }

function subjectOf(id: string, { alerts }: SendingSides['chargebackhit']): string {
  const { product, amount, currency } = alerts.get(id)?.alert ?? {}
  return `Chargebackhit, ${PRODUCT_NAMES[String(product)] ?? String(product)} ${String(amount)} ${String(currency)}`
}

/** The outcome that stands, after `pending` where that came first, with what an inquiry was told. */
function answerTo(id: string, { alerts }: SendingSides['chargebackhit']): string | null {
  const alert = alerts.get(id)
  if (alert === undefined || alert.answers.final === null) return null
  const { final, pendingAt, attempts } = alert.answers
  const outcome = pendingAt === null ? final.outcome : `pending, then ${final.outcome}`
  const accepted = attempts.find(({ by, result }) => by === final.by && result === 'accepted')
  if (alert.type !== 'inquiry' || accepted === undefined) return outcome
  return `${outcome}, ${toldIn(accepted.text)}`
}

/** What the answer to an inquiry tells of the order, in words. */
function toldIn(text: string): string {
  const { order, products } = JSON.parse(text) as { order?: Record<string, string>; products: unknown[] }
  if (order === undefined) return 'no order known'
  const count = products.length === 1 ? '1 product' : `${products.length} products`
  return `with order ${order.order_id} over ${order.amount} ${order.currency} and its ${count}`
}
