import { InvalidArgumentError, type Command } from 'commander'
import { parseConfig, readEnvironment } from '../config.ts'
import { chaos } from '../sandbox/chaos.ts'
import { chargebackhitLines, chargebackhitOptions } from './sandbox-chargebackhit.ts'
import { portError } from './listening.ts'
import { print } from './print.ts'
import { addTrigger } from './sandbox-trigger.ts'
import { stopSignal } from './stop-signal.ts'

interface SandboxFlags {
  port?: number
  chaos?: number
}

/** `sandbox`: the stand-in for the platforms on its own, until a signal. */
export function addSandbox(program: Command): void {
  const sandbox = program
    .command('sandbox')
    .description(
      'run the stand-in for Midigator, Chargebackhit and a refund gateway on its own; nothing sent to it leaves this machine',
    )
    .option('--port <number>', 'listen there (SANDBOX_PORT unless told; 0 takes a free one)', toPort)
    .option('--chaos <share>', 'fail this share of all calls, 0 to 1, in every way a platform can', toShare)
    .action(run)
  addTrigger(sandbox)
}

async function run(flags: SandboxFlags): Promise<void> {
  const stopped = stopSignal()
  const config = parseConfig(readEnvironment(), [])
  const port = flags.port ?? config.SANDBOX_PORT
  const { MIDIGATOR_DATA_USERNAME: username, MIDIGATOR_DATA_PASSWORD: password } = config
  const { MIDIGATOR_API_SECRET: apiSecret, REFUND_HTTP_SECRET: gatewaySecret } = config
  const configured = username !== undefined && password !== undefined ? { username, password } : undefined
  const { startSandbox } = await import('../sandbox/server.ts')
  const sandbox = await startSandbox({
    host: config.HOST,
    port,
    ...(configured ?? OF_THE_REFERENCE),
    ...(apiSecret !== undefined && { apiSecret }),
    ...(gatewaySecret !== undefined && { gatewaySecret }),
    ...chargebackhitOptions(config),
    ...(flags.chaos !== undefined && { faults: chaos(flags.chaos) }),
  }).catch((error: unknown) => {
    throw portError(error, flags.port === undefined ? 'SANDBOX_PORT' : '--port', port)
  })
  const user = configured ? AS_CONFIGURED : `${OF_THE_REFERENCE.username}, password ${OF_THE_REFERENCE.password}`
  print(
    `The sandbox listens on ${sandbox.url}. It stands in for the platforms: nothing sent to it leaves this machine.`,
  )
  print(`  Data API     ${sandbox.dataUrl}   (POST /auth, POST /order; set MIDIGATOR_DATA_URL to it)`)
  print(`  user         ${user}`)
  print(`  auth         ${sandbox.authUrl}   (MIDIGATOR_AUTH_URL)`)
  print(`  Events       ${sandbox.eventsUrl}   (MIDIGATOR_EVENTS_URL)`)
  print(`  Prevention   ${sandbox.preventionUrl}   (MIDIGATOR_PREVENTION_URL)`)
  print(`  API secret   ${apiSecret === undefined ? sandbox.apiSecret : AS_CONFIGURED}   (MIDIGATOR_API_SECRET)`)
  print(`  gateway      ${sandbox.gatewayUrl}   (REFUND_HTTP_URL)`)
  print(`  its secret   ${gatewaySecret === undefined ? sandbox.gatewaySecret : AS_CONFIGURED}   (REFUND_HTTP_SECRET)`)
  for (const line of chargebackhitLines(sandbox, config)) print(`  ${line}`)
  print(`  look         ${sandbox.url}/_sandbox/orders, and what else ${sandbox.url}/_sandbox lists`)
  print(`  alerts       order-sync sandbox trigger NAME --url ${sandbox.url}   (without NAME: lists them)`)
  if (flags.chaos !== undefined) print(`  chaos        ${Math.round(flags.chaos * 100)} % of all calls fail`)
  print('Ctrl-C ends it.')
  process.send?.('ready')
  await stopped
  await sandbox.close()
}

const AS_CONFIGURED = 'as configured'

/** The Data API reference's own example. */
const OF_THE_REFERENCE = { username: 'sandbox_user', password: '4f86fed3605b647f948a69ec6bcf728d' }

function toPort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new InvalidArgumentError('Expected a port, 0 to 65535.')
  return Number(text)
}

function toShare(text: string): number {
  const share = Number(text)
  if (text.trim() === '' || !(share >= 0 && share <= 1)) throw new InvalidArgumentError('Expected 0 to 1, such as 0.2.')
  return share
}
