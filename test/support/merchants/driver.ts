/**
 * Where merchants meet the program in virtual time: its real stores, platforms, gateway and jobs. No other file of this folder imports
 * them but `process-driver.ts`, which starts the program's daemons instead.
 */
import type { CaseTerms } from '../../../src/domain/case/view.ts'
import { createHttpGateway } from '../../../src/gateways/http/index.ts'
import type { Call } from '../../../src/http-wire.ts'
import { parseJson } from '../../../src/parse-json.ts'
import { createChargebackhitAlerts } from '../../../src/platforms/chargebackhit/alerts.ts'
import { createChargebackhitApi } from '../../../src/platforms/chargebackhit/api.ts'
import { createMidigatorAlerts } from '../../../src/platforms/midigator/alerts.ts'
import { createMidigatorEventsApi } from '../../../src/platforms/midigator/events-api.ts'
import { createMidigatorPreventionApi } from '../../../src/platforms/midigator/prevention-api.ts'
import type { PlatformService } from '../../../src/platforms/platform.ts'
import type { Redis } from '../../../src/redis/connect.ts'
import { startMachine } from '../../../src/shadow-run/machine.ts'
import type { CaseRecord } from '../../../src/store/case-store.ts'
import type { Program, ProgramParts, RaisedAlarm } from './program.ts'

const HOUR = 3_600_000
/** A case that waits is looked at every twelve hours: the program's default of five minutes costs many times the commands. */
export const LOOK_MS = 12 * HOUR
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const ASKS_PERSON = ['parked', 'awaiting-approval']

/** What the merchants decided, as the program's settings. */
export const termsOf = ({ trigger, defaultCurrency }: ProgramParts['settings']): CaseTerms => ({
  refunds: {
    trigger,
    mode: 'auto',
    autoLimit: null,
    hourlyLimit: null,
    limitCurrency: null,
    likelyAtStop: 'person',
    settleMs: 10_000,
    hasGateway: true,
    listLagMs: 120_000,
    deadlines: {
      windowMs: 24 * HOUR,
      cdrnWindowMs: 72 * HOUR,
      targetMs: 4 * HOUR,
      alarmMs: 12 * HOUR,
      stopMs: 4 * HOUR,
    },
  },
  resolve3ds: false,
  defaultCurrency,
  lookbackMs: 180 * 24 * HOUR,
  graceMs: HOUR,
  pendingAtStop: 'person',
  lookMs: LOOK_MS,
  refundLeaseMs: 25_000,
  lateAnswerMs: HOUR,
})

/** The program over one namespace of Redis, with the world's servers behind its adapters. */
export function startProgram(redis: Redis, namespace: string, { now, serve, settings }: ProgramParts): Program {
  // What merchants ask at the same moment goes out in one write.
  redis.options.enableAutoPipelining = true
  const raised: RaisedAlarm[] = []
  let lookups = 0
  const call: Call = async ({ method, url, headers, body }) => {
    const { status, body: answered } = await serve({ method, url: new URL(url), headers, body: body ?? '' })
    const text = typeof answered === 'string' ? answered : JSON.stringify(answered)
    return { answer: { status, words: text, retryAfterMs: null }, text }
  }
  const machine = startMachine(redis, namespace, {
    now,
    terms: termsOf(settings),
    platforms: createPlatforms(call),
    gateway: createHttpGateway({
      url: 'http://gateway',
      secret: SECRET,
      keepsKeysMs: settings.keepsKeysHours * HOUR,
      http: { call },
      now,
      newId: () => `lookup-${(lookups += 1)}`,
    }),
    onAlarm: ({ name, state, caseId, orderId, at, says }) => {
      if (state === 'raised' && caseId !== null) raised.push({ name, caseId, orderId, at, text: says })
    },
  })
  return {
    raised,
    async change(body) {
      const [result] = await machine.change(body)
      return result!.status === 'rejected' ? JSON.stringify(result!.errors) : null
    },
    async event(platform, json) {
      const parsed = parseJson(Buffer.from(json), 'all')
      if ('fault' in parsed) return 'not JSON'
      const came = await machine.event(platform, parsed.value, json.length)
      return came !== null && 'rejected' in came ? came.rejected : null
    },
    work: () => machine.work(),
    nextAt: () => machine.nextAt(),
    wake: () => machine.wake(),
    stateOf: async (platform, guid) => stateIn((await machine.readCase(`${platform}:${guid}`))?.record ?? null),
    close: () => deleteNamespace(redis, namespace),
  }
}

/** What became of an alert, as the program keeps it. */
export const stateIn = (record: CaseRecord | null) =>
  record && {
    state: record.state,
    why: record.reason,
    orderId: record.orderId,
    asksPerson: ASKS_PERSON.includes(record.state),
  }

/** Deletes every key of a namespace. */
export async function deleteNamespace(redis: Redis, namespace: string): Promise<void> {
  let cursor = '0'
  do {
    const [next, found] = await redis.scan(cursor, 'MATCH', `{${namespace}}*`, 'COUNT', 2_000)
    cursor = next
    if (found.length > 0) await redis.unlink(...found)
  } while (cursor !== '0')
}

function createPlatforms(call: Call) {
  const service = (name: string): PlatformService => ({
    name,
    access: async () => ({ token: 'token', generation: 1 }),
    renew: async () => ({ access: { token: 'token', generation: 1 } }),
    dropAccess: () => {},
  })
  const http = { call }
  const api = createChargebackhitApi({ url: 'http://chargebackhit', publicKey: 'pk', secretKey: 'sk', http })
  return [
    createMidigatorAlerts({
      eventsService: service('midigator-events'),
      preventionService: service('midigator-prevention'),
      events: createMidigatorEventsApi({ url: 'http://events', http }),
      prevention: createMidigatorPreventionApi({ url: 'http://prevention', http }),
    }),
    createChargebackhitAlerts(api, service('chargebackhit')),
  ]
}
