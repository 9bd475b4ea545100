import type { Config } from '../config.ts'
import type { AlarmName } from '../domain/alarms.ts'
import { fault, fine, unwise, warn, type DoctorLine } from './doctor-line.ts'
import { describeLate, describeMode } from './refund-mode.ts'
import { REASONS } from '../domain/case/reasons.ts'
import { readOverview, type Overview, type OverviewDeps } from './overview.ts'

const DAEMONS = ['ingress', 'order-sync', 'scheduler', 'ops']
/** An order that waits longer than this waits for something that is wrong. */
const [SLOW_S, STUCK_S] = [300, 3_600]

/** The work itself: does the platform accept our calls, do all daemons run, does the backlog move, was anything rejected? */
export async function lookAtWork(
  config: Pick<Config, 'NODE_ENV' | 'MIDIGATOR_API_SECRET' | 'CHARGEBACKHIT_SECRET_KEY'>,
  deps: OverviewDeps,
): Promise<DoctorLine[]> {
  const overview = await readOverview(deps)
  const { orders: isPushing } = deps.parts
  const hasAlerts = (config.MIDIGATOR_API_SECRET ?? config.CHARGEBACKHIT_SECRET_KEY) !== undefined
  return [
    ...alarmLines(overview),
    daemonLine(overview, config.NODE_ENV === 'production', hasAlerts),
    ...overview.queues
      .filter(queue => queue.paused)
      .map(({ name }) =>
        warn(
          'queue',
          `${name} is paused by an operator`,
          `resume it with order-sync resume ${name}, or on the overview page`,
        ),
      ),
    isPushing ? backlogLine(overview) : fine('backlog', 'idle: orders are stored for matching, and pushed nowhere'),
    refusedLine(overview),
    ...(hasAlerts ? [modeLine(overview), caseLine(overview)] : []),
  ]
}

function alarmLines({ alarms, platform }: Overview): DoctorLine[] {
  if (alarms.length === 0) return [fine('alarms', 'none')]
  return alarms.map(({ name, why, action, acknowledged }) => {
    const says = acknowledged === null ? why : `${why} (acknowledged by ${acknowledged.by})`
    const isFault = acknowledged === null && FAULTS.includes(name)
    const isForbidden = name === 'platform-denied' && platform.denied === 'forbidden'
    const todo = isForbidden ? "Ask Midigator to allow-list this machine's public address; calls resume automatically." : action // prettier-ignore
    return (isFault ? fault : warn)(`alarm ${name}`, says, todo)
  })
}
/** What keeps the program from its work. */
const FAULTS: readonly AlarmName[] = ['platform-denied', 'data-restored', 'redis-not-writable']

function daemonLine({ processes }: Overview, production: boolean, hasAlerts: boolean): DoctorLine {
  const runs = (daemon: string) => processes.some(({ name }) => name.startsWith(`${daemon}@`))
  const missing = [...DAEMONS, ...(hasAlerts ? ['alerts'] : [])].filter(daemon => !runs(daemon))
  return missing.length === 0
    ? fine('daemons', `all run, ${processes.length} processes`)
    : unwise(production)('daemons', `not seen lately: ${missing.join(', ')}`, 'start them, or check their logs')
}

function backlogLine({ orders, oldest_dirty }: Overview): DoctorLine {
  if (oldest_dirty === null) return fine('backlog', 'every settled order is acknowledged')
  const says = `${orders.dirty} waiting to sync, the oldest for ${Math.round(oldest_dirty.age_seconds)} s`
  const todo = 'see the alarms above, and `order-sync trace` of an order that is waiting to sync'
  if (oldest_dirty.age_seconds > STUCK_S) return fault('backlog', says, todo)
  return oldest_dirty.age_seconds > SLOW_S ? warn('backlog', says, todo) : fine('backlog', says)
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`

function refusedLine({ orders, rejected_changes }: Overview): DoctorLine {
  if (orders.rejected === 0 && rejected_changes === 0) return fine('refused', 'nothing')
  const says = `${counted(orders.rejected, 'order')} by the platform, ${counted(rejected_changes, 'change')} on intake`
  return warn('refused', says, 'see `order-sync rejected`: the field at fault is named')
}

/** The refund mode: as it was set last, else as configured. */
function modeLine({ cases: { refunds } }: Overview): DoctorLine {
  const { mode, set_by, late } = refunds
  if (mode === null) return fault('refund mode', 'not set: no refund is sent', 'set REFUND_MODE, or run order-sync refunds auto') // prettier-ignore
  const says = `${mode}, ${set_by === null ? 'as configured' : `set by ${set_by}`}. ${describeMode(mode)}`
  if (mode === 'off') return warn('refund mode', says, 'run order-sync refunds auto (or approve)')
  return late === 0 ? fine('refund mode', says) : warn('refund mode', `${says} ${describeLate(late)}`, 'open those cases and decide') // prettier-ignore
}

function caseLine({ cases: { states, waiting_by_reason, uncertain_refunds } }: Overview): DoctorLine {
  const waiting = states.parked + states['awaiting-approval']
  if (waiting === 0 && uncertain_refunds === 0) return fine('cases', 'no case waits for a person')
  const reasons = waiting_by_reason.map(({ why, count }) => `${count} ${REASONS[why].status.toLowerCase()}`).join(', ')
  const says = `${waiting} ${waiting === 1 ? 'case waits' : 'cases wait'} for a person${reasons === '' ? '' : ` (${reasons})`}, ${uncertain_refunds} ${uncertain_refunds === 1 ? 'refund is' : 'refunds are'} unconfirmed`
  return warn(
    'cases',
    says,
    'open the overview page, or run order-sync cases --state parked and --state awaiting-approval',
  )
}
