import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Deps } from '../deps.ts'
import { ALARM_NAMES, isAlarmName } from '../domain/alarms.ts'
import { acknowledgeAlarm, readAlarm, readAlarms } from '../ops/alarms.ts'
import { readAcknowledgement } from '../ops/read-decision.ts'
import { refuse } from './answers.ts'
import { invalid } from './ops-cases.ts'
import { userOf } from './ops-guards.ts'

export type AlarmRouteDeps = Pick<Deps, 'alarms' | 'alarmCauses' | 'health' | 'log'>

type Asked = { Params: { id: string }; Querystring: { offset?: unknown } }

/** Where a list goes on; what is no count begins it again. */
export const offsetOf = (given: unknown): number =>
  typeof given === 'string' && /^\d{1,9}$/.test(given) ? Number(given) : 0

function unknown(reply: FastifyReply) {
  const message = `expected the name of an alarm: ${ALARM_NAMES.join(', ')}`
  return refuse(reply, 'not-found', message, { errors: [{ field: 'id', message }] })
}

/** Alarms that are raised, and acknowledging them. */
export function addAlarmRoutes(app: FastifyInstance, deps: AlarmRouteDeps): void {
  app.get('/api/alarms', async () => ({ alarms: await readAlarms(deps, await deps.health.now()) }))
  app.get<Asked>('/api/alarms/:id', async ({ params: { id }, query }, reply) => {
    if (!isAlarmName(id)) return unknown(reply)
    const read = await readAlarm(deps, id, { now: await deps.health.now(), offset: offsetOf(query.offset) })
    if (read === null) return refuse(reply, 'not-found', `${id} is not raised now`)
    const { alarm, subjects, next } = read
    return { ...alarm, subjects, next }
  })
  app.post<{ Params: { id: string } }>('/api/alarms/:id/acknowledge', async (request, reply) => {
    const { id } = request.params
    if (!isAlarmName(id)) return unknown(reply)
    const read = readAcknowledgement(request.body ?? {}, await deps.health.now())
    if ('errors' in read) return invalid(reply, read.errors)
    const { until, subject, reason: note } = read
    const alarm = await acknowledgeAlarm(deps, id, { by: userOf(request), subject, until, note })
    if (alarm !== null) return alarm
    const message = `expected an alarm that is raised; ${id} is not raised now${subject === null ? '' : ` for ${subject}`}`
    return refuse(reply, 'not-now', message, { errors: [{ field: 'id', message }] })
  })
}
