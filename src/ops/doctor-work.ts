import type { Config } from '../config.ts'
import { fault, fine, unwise, warn, type DoctorLine } from './doctor-line.ts'
import { MODE_SAYS } from './refund-switch.ts'
import { readOverview, type Overview, type OverviewDeps } from './overview.ts'

const DAEMONS = ['ingress', 'order-sync', 'scheduler', 'ops']
/** An order that waits longer than this waits for something that is wrong. */
const [SLOW_S, STUCK_S] = [300, 3_600]

/** The work itself: are we let in, do all daemons run, does the backlog move, was anything refused? */
export async function lookAtWork(
  config: Pick<Config, 'NODE_ENV' | 'MIDIGATOR_API_SECRET' | 'CHARGEBACKHIT_SECRET_KEY'>,
  deps: OverviewDeps,
): Promise<DoctorLine[]> {
  const overview = await readOverview(deps)
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
    backlogLine(overview),
    refusedLine(overview),
    ...(hasAlerts ? [modeLine(overview), caseLine(overview)] : []),
  ]
}

function alarmLines({ alarms, platform }: Overview): DoctorLine[] {
  if (alarms.length === 0) return [fine('alarms', 'none')]
  return alarms.map(({ name, why }) => {
    if (name === 'platform-denied') {
      const todo =
        platform.denied === 'forbidden'
          ? "ask Midigator to allow-list this machine's public address; pushing resumes by itself"
          : 'mend the cause; pushing resumes by itself'
      return fault(`alarm ${name}`, why, todo)
    }
    return name === 'redis-lost-writes'
      ? fault(`alarm ${name}`, why, 'find out why Redis went back; recent orders are told to the platform again')
      : warn(`alarm ${name}`, why, 'see what it says; it ends by itself when the cause is gone')
  })
}

function daemonLine({ processes }: Overview, production: boolean, hasAlerts: boolean): DoctorLine {
  const runs = (daemon: string) => processes.some(({ name }) => name.startsWith(`${daemon}@`))
  const missing = [...DAEMONS, ...(hasAlerts ? ['alerts'] : [])].filter(daemon => !runs(daemon))
  return missing.length === 0
    ? fine('daemons', `all run, ${processes.length} processes`)
    : unwise(production)('daemons', `not seen lately: ${missing.join(', ')}`, 'start them, or look at their logs')
}

function backlogLine({ orders, oldest_dirty }: Overview): DoctorLine {
  if (oldest_dirty === null) return fine('backlog', 'every settled order is acknowledged')
  const says = `${orders.dirty} dirty, the oldest for ${Math.round(oldest_dirty.age_seconds)} s`
  const todo = 'see the alarms above, and `order-sync trace` of an order from the list of dirty ones'
  if (oldest_dirty.age_seconds > STUCK_S) return fault('backlog', says, todo)
  return oldest_dirty.age_seconds > SLOW_S ? warn('backlog', says, todo) : fine('backlog', says)
}

function refusedLine({ orders, rejected_changes }: Overview): DoctorLine {
  if (orders.rejected === 0 && rejected_changes === 0) return fine('refused', 'nothing')
  const says = `${orders.rejected} orders by the platform, ${rejected_changes} changes at the door`
  return warn('refused', says, 'see `order-sync rejected`: the field at fault is named')
}

/** Where the switch for refunds stands: whoever set it last, else as configured. */
function modeLine({ cases: { refunds } }: Overview): DoctorLine {
  const { mode, set_by } = refunds
  if (mode === null)
    return fault('refund mode', 'never chosen: no money moves', 'set REFUND_MODE, or turn it with order-sync refunds')
  const says = `${mode}${set_by === null ? ', as configured' : `, set by ${set_by}`}: ${MODE_SAYS[mode]}`
  return mode === 'off'
    ? warn('refund mode', says, 'turn it on with order-sync refunds auto (or approve)')
    : fine('refund mode', says)
}

function caseLine({ cases: { states, uncertain_refunds } }: Overview): DoctorLine {
  const waiting = states.parked + states['awaiting-approval']
  if (waiting === 0 && uncertain_refunds === 0) return fine('cases', 'none waits for a person')
  const says = `${waiting} wait for a person, ${uncertain_refunds} refunds are uncertain`
  return warn('cases', says, 'see the overview page, or order-sync cases --state parked and --state awaiting-approval')
}
