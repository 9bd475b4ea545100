import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { tellError } from './tell-error.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const DONE = 0
const WRONG_USAGE = 2

type Add = (program: Command) => void
/**
 * Every command in the order of `--help`, and its module. A run loads the module of its command alone: a container's health check is made
 * every few seconds.
 */
const COMMANDS: readonly (readonly [names: string, load: () => Promise<Add>])[] = [
  ['start', async () => (await import('./start.ts')).addStart],
  ['sandbox', async () => (await import('./sandbox.ts')).addSandbox],
  ['send', async () => (await import('./send.ts')).addSend],
  ['trace', async () => (await import('./trace.ts')).addTrace],
  ['sync', async () => (await import('./sync.ts')).addSync],
  ['subscriptions', async () => (await import('./subscriptions.ts')).addSubscriptions],
  ['chargebackhit', async () => (await import('./chargebackhit.ts')).addChargebackhit],
  ['rejected', async () => (await import('./rejected.ts')).addRejected],
  ['sources', async () => (await import('./sources.ts')).addSources],
  ['cases', async () => (await import('./cases.ts')).addCases],
  ['alarms', async () => (await import('./alarms.ts')).addAlarms],
  ['refunds', async () => (await import('./refunds.ts')).addRefunds],
  ['backup restore export', async () => (await import('./backup.ts')).addBackup],
  ['quarantine', async () => (await import('./quarantine.ts')).addQuarantine],
  ['replay', async () => (await import('./replay.ts')).addReplay],
  ['forget', async () => (await import('./forget.ts')).addForget],
  ['pause resume', async () => (await import('./pause.ts')).addPause],
  ['doctor', async () => (await import('./doctor.ts')).addDoctor],
  ['health', async () => (await import('./health.ts')).addHealth],
]

/** Does what these words ask for, and leaves the exit code in `process.exitCode`: 0 done, 1 it failed, 2 wrong usage. Never throws. */
export async function run(words: readonly string[]): Promise<void> {
  try {
    await (await createProgram(words[0])).parseAsync(words, { from: 'user' })
  } catch (error) {
    // Commander has told already what it did not understand.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? DONE : WRONG_USAGE
    else process.exitCode = tellError(error)
  }
}

/** With the command of that name, or with every one where there is none. */
async function createProgram(name: string | undefined): Promise<Command> {
  const program = new Command('order-sync')
    .description(
      'Keeps a dispute platform’s copy of every order current: CRM hooks in, Midigator /order out; alerts in, refunds and answers out.',
    )
    .version(version)
    .exitOverride()
    .showHelpAfterError('(--help lists all commands)')
    .addHelpText(
      'after',
      '\nSettings come from the environment and from .env (see .env.example). Exit codes: 0 done, 1 it failed, 2 wrong usage.',
    )
  const one = COMMANDS.filter(([names]) => name !== undefined && names.split(' ').includes(name))
  for (const add of await Promise.all((one.length > 0 ? one : COMMANDS).map(([, load]) => load()))) add(program)
  return program
}
