import { Argument, InvalidArgumentError, type Command } from 'commander'
import { ALARM_NAMES, type AlarmName } from '../domain/alarms.ts'
import { acknowledgeAlarm, readAlarm, readAlarms, type AlarmView } from '../ops/alarms.ts'
import { cliUser } from './cli-user.ts'
import { printTable } from './print-table.ts'
import { print, printJson } from './print.ts'
import { withDeps } from './with-deps.ts'

const HOUR_MS = 3_600_000
const MAX_HOURS = 24 * 90
const MAX_REASON = 500

/** `alarms`: which alarms are raised, about what and since when; and acknowledging one. */
export function addAlarms(program: Command): void {
  const alarms = program.command('alarms').description('show the alarms that are raised, or acknowledge one')
  alarms
    .command('list', { isDefault: true })
    .description('alarms that are raised now, the urgent first; the exit code is 1 while one is not acknowledged')
    .option('--json', 'print JSON')
    .action(list)
  alarms
    .command('show')
    .description('everything that an alarm is raised for, the newest first')
    .addArgument(new Argument('<name>', 'the alarm').choices(ALARM_NAMES))
    .option('--json', 'print JSON')
    .action(show)
  alarms
    .command('acknowledge')
    .description('note that you have seen an alarm; it rings again when another subject of it comes')
    .addArgument(new Argument('<name>', 'the alarm').choices(ALARM_NAMES))
    .option('--subject <id>', 'of this order, case, source or platform alone; of all of them if left out')
    .option('--hours <count>', 'for so many hours; until another subject comes if left out', toHours)
    .option('--reason <text>', 'reason, kept with it')
    .option('--json', 'print JSON')
    .action(acknowledge)
}

function toHours(text: string): number {
  const hours = Number(text)
  if (Number.isInteger(hours) && hours >= 1 && hours <= MAX_HOURS) return hours
  throw new InvalidArgumentError(`expected a whole number, 1 to ${MAX_HOURS}`)
}

async function list({ json = false }: { json?: boolean }): Promise<void> {
  const alarms = await withDeps(async deps => readAlarms(deps, await deps.health.now()))
  if (alarms.some(({ acknowledged }) => acknowledged === null)) process.exitCode = 1
  if (json) return printJson({ alarms })
  if (alarms.length === 0) print('No alarm.')
  for (const alarm of alarms) printAlarm(alarm)
}

function printAlarm({ name, at, why, action, count, newest, acknowledged }: AlarmView): void {
  print(`${name}${count > 1 ? ` (${count})` : ''}${at === null ? '' : ` since ${time(at)} UTC`}`)
  print(`  ${why}`)
  for (const one of newest.slice(1)) print(`  also ${one.why}`)
  print(`  → ${action}`)
  if (acknowledged === null) return
  const until = acknowledged.until === null ? '' : ` until ${time(acknowledged.until)} UTC`
  print(`  acknowledged by ${acknowledged.by}${until}${acknowledged.note === null ? '' : ` (${acknowledged.note})`}`)
}

async function acknowledge(
  name: AlarmName,
  { subject, hours, reason, json = false }: { subject?: string; hours?: number; reason?: string; json?: boolean },
): Promise<void> {
  const by = cliUser()
  const alarm = await withDeps(async deps => {
    const until = hours === undefined ? null : (await deps.health.now()) + hours * HOUR_MS
    return acknowledgeAlarm(deps, name, {
      by,
      subject: subject ?? null,
      until,
      note: reason?.slice(0, MAX_REASON) ?? null,
    })
  })
  if (alarm === null) {
    process.exitCode = 1
    return print(`${name} is not raised now${subject === undefined ? '' : ` for ${subject}`}.`)
  }
  if (json) printJson(alarm)
  else printAlarm(alarm)
}

async function show(name: AlarmName, { json = false }: { json?: boolean }): Promise<void> {
  const read = await withDeps(async deps => {
    const now = await deps.health.now()
    const first = await readAlarm(deps, name, { now })
    const subjects = [...(first?.subjects ?? [])]
    for (let next = first?.next ?? null; next !== null;) {
      const more = await readAlarm(deps, name, { now, offset: next })
      subjects.push(...(more?.subjects ?? []))
      next = more?.next ?? null
    }
    return first && { ...first.alarm, subjects }
  })
  if (read === null) {
    process.exitCode = 1
    return print(`${name} is not raised now.`)
  }
  if (json) return printJson(read)
  printTable(
    ['since', 'subject', 'why', 'acknowledged'],
    read.subjects.map(({ since, subject, why, acknowledged }) => [
      since === null ? null : time(since),
      subject,
      why,
      acknowledged?.by,
    ]),
  )
  print(`→ ${read.action}`)
}

const time = (iso: string) => iso.slice(0, 19).replace('T', ' ')
