import { Argument, type Command } from 'commander'
import { JOBS } from '../jobs/index.ts'
import { pauseQueue, resumeQueue } from '../ops/actions.ts'
import { QUEUE_NAMES } from '../ops/overview.ts'
import { cliUser } from './cli-user.ts'
import { print, printJson } from './print.ts'
import { withDeps } from './with-deps.ts'

/** `pause` and `resume`: an operator's pause of one queue, which holds over restarts and over whatever a platform does. */
export function addPause(program: Command): void {
  program
    .command('pause')
    .description('stop the work of one queue until it is resumed; hooks are still accepted')
    .addArgument(queueArgument())
    .option('--json', 'print JSON')
    .action(async (name: string, flags: { json?: boolean }) => {
      await withDeps(deps => pauseQueue(deps, name, cliUser()))
      if (flags.json === true) printJson({ name, paused: true })
      else print(`${name} is paused. Changes are accepted and wait until \`order-sync resume ${name}\`.`)
    })
  program
    .command('resume')
    .description('end the pause of one queue')
    .addArgument(queueArgument())
    .option('--json', 'print JSON')
    .action(async (name: string, flags: { json?: boolean }) => {
      await withDeps(deps => resumeQueue(deps, name, cliUser()))
      if (flags.json === true) printJson({ name, paused: false })
      else print(`${name} is resumed.`)
    })
}

const queueArgument = () => new Argument('[queue]', 'which one').choices([...QUEUE_NAMES]).default(JOBS.syncOrder.name)
