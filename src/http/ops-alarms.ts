import type { FastifyInstance } from 'fastify'
import type { Deps } from '../deps.ts'
import { ALARM_NAMES, isAlarmName } from '../domain/alarms.ts'
import { acknowledgeAlarm, readAlarms } from '../ops/alarms.ts'
import { readAcknowledgement } from '../ops/read-decision.ts'
import { refuse } from './answers.ts'
import { invalid } from './ops-cases.ts'
import { userOf } from './ops-guards.ts'

export type AlarmRouteDeps = Pick<Deps, 'alarms' | 'alarmCauses' | 'health' | 'log'>

/** Alarms that are raised, and acknowledging them. */
export function addAlarmRoutes(app: FastifyInstance, deps: AlarmRouteDeps): void {
  app.get('/api/alarms', async () => ({ alarms: await readAlarms(deps, await deps.health.now()) }))
  app.post<{ Params: { id: string } }>('/api/alarms/:id/acknowledge', async (request, reply) => {
    const { id } = request.params
    if (!isAlarmName(id)) {
      const message = `expected the name of an alarm: ${ALARM_NAMES.join(', ')}`
      return refuse(reply, 404, 'not-found', message, [{ field: 'id', message }])
    }
    const read = readAcknowledgement(request.body ?? {}, await deps.health.now())
    if ('errors' in read) return invalid(reply, read.errors)
    const alarm = await acknowledgeAlarm(deps, id, { by: userOf(request), until: read.until, note: read.reason })
    if (alarm !== null) return alarm
    const message = `expected an alarm that is raised; ${id} is not raised now`
    return refuse(reply, 409, 'not-now', message, [{ field: 'id', message }])
  })
}
