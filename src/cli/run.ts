import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { addAlarms } from './alarms.ts'
import { addBackup } from './backup.ts'
import { addCases } from './cases.ts'
import { addChargebackhit } from './chargebackhit.ts'
import { addDoctor } from './doctor.ts'
import { addForget } from './forget.ts'
import { addHealth } from './health.ts'
import { addPause } from './pause.ts'
import { addQuarantine } from './quarantine.ts'
import { addRefunds } from './refunds.ts'
import { addReplay } from './replay.ts'
import { addRejected } from './rejected.ts'
import { addSandbox } from './sandbox.ts'
import { addSend } from './send.ts'
import { addSources } from './sources.ts'
import { addStart } from './start.ts'
import { addSubscriptions } from './subscriptions.ts'
import { addSync } from './sync.ts'
import { tellError } from './tell-error.ts'
import { addTrace } from './trace.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const DONE = 0
const WRONG_USAGE = 2

const COMMANDS = [
  addStart,
  addSandbox,
  addSend,
  addTrace,
  addSync,
  addSubscriptions,
  addChargebackhit,
  addRejected,
  addSources,
  addCases,
  addAlarms,
  addRefunds,
  addBackup,
  addQuarantine,
  addReplay,
  addForget,
  addPause,
  addDoctor,
  addHealth,
]

/** Does what these words ask for, and leaves the exit code in `process.exitCode`: 0 done, 1 it failed, 2 wrong usage. Never throws. */
export async function run(words: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync(words, { from: 'user' })
  } catch (error) {
    // Commander has told already what it did not understand.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? DONE : WRONG_USAGE
    else process.exitCode = tellError(error)
  }
}

function createProgram(): Command {
  const program = new Command('order-sync')
    .description(
      'Keeps a dispute platform’s copy of every order current: CRM hooks in, Midigator /order out; alerts in, refunds and answers out.',
    )
    .version(version)
    .exitOverride()
    .showHelpAfterError('(--help tells what there is)')
    .addHelpText(
      'after',
      '\nSettings come from the environment and from .env (see .env.example). Exit codes: 0 done, 1 it failed, 2 wrong usage.',
    )
  for (const add of COMMANDS) add(program)
  return program
}
