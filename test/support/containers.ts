/**
 * Runs the integration tier against servers in containers, one image after the other (`npm run test:containers`).
 * An image that cannot be had is reported and passed over; having none of them, or no container engine, is a failure unless
 * `--where-possible` is given. Other arguments are handed on to vitest.
 */
import { spawn } from 'node:child_process'
import { GenericContainer, getContainerRuntimeClient, ImageName, Wait } from 'testcontainers'

const IMAGES = ['redis:7-alpine', 'valkey/valkey:8-alpine']
const PULL_LIMIT_MS = 120_000

const WHERE_POSSIBLE = '--where-possible'
const given = process.argv.slice(2)
/** What the exit code is when nothing was tested. */
const nothingTested = given.includes(WHERE_POSSIBLE) ? 0 : 1

// Every container is stopped below; the reaper that would do it is one more image to pull.
process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true'

async function reasonNotToHave(image: string): Promise<string | undefined> {
  const { image: images } = await getContainerRuntimeClient()
  const name = ImageName.fromString(image)
  if (await images.exists(name)) return undefined
  let timer: NodeJS.Timeout | undefined
  const tooSlow = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not pulled within ${PULL_LIMIT_MS / 1_000} s`)), PULL_LIMIT_MS)
  })
  try {
    await Promise.race([images.pull(name), tooSlow])
    return (await images.exists(name)) ? undefined : 'the pull ended without the image'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    clearTimeout(timer)
  }
}

async function passesOn(image: string): Promise<boolean> {
  const server = image.startsWith('valkey') ? 'valkey-server' : 'redis-server'
  const container = await new GenericContainer(image)
    .withCommand([server, '--save', '', '--protected-mode', 'no', '--maxmemory-policy', 'noeviction'])
    .withExposedPorts(6379)
    .withWaitStrategy(Wait.forLogMessage(/Ready to accept connections/))
    .start()
  try {
    const url = `redis://${container.getHost()}:${container.getMappedPort(6379)}`
    console.log(`\n${image}: the integration tier runs against ${url}`)
    return (await runTier(image, url)) === 0
  } finally {
    await container.stop()
  }
}

/** The exit code of the tier. In a file named by VITEST_JSON, if set, its report is written, one an image. */
async function runTier(image: string, url: string): Promise<number> {
  const json = process.env.VITEST_JSON
  const report = json
    ? ['--reporter=default', '--reporter=json', `--outputFile=${json}.${image.replace(/\W/g, '-')}.json`]
    : []
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    'integration',
    ...report,
    ...given.filter(argument => argument !== WHERE_POSSIBLE),
  ]
  const child = spawn(process.execPath, args, { stdio: 'inherit', env: { ...process.env, TEST_REDIS_URL: url } })
  return new Promise(resolve => child.on('close', code => resolve(code ?? 1)))
}

// Ctrl-C reaches vitest too, which ends; then the container is stopped as after any run.
process.on('SIGINT', () => {})

await getContainerRuntimeClient().catch((error: unknown) => {
  console.log(`No container engine answers, so nothing was tested: ${String(error)}`)
  process.exit(nothingTested)
})

const outcomes: string[] = []
let ran = 0
let failed = 0
for (const image of IMAGES) {
  const reason = await reasonNotToHave(image)
  if (reason !== undefined) {
    outcomes.push(`${image}: passed over, the image cannot be had (${reason})`)
    continue
  }
  ran += 1
  const passed = await passesOn(image)
  if (!passed) failed += 1
  outcomes.push(`${image}: ${passed ? 'passed' : 'FAILED'}`)
}
console.log(`\n${outcomes.join('\n')}`)
if (ran === 0) console.log('None of the images could be had, so nothing was tested.')
process.exitCode = ran === 0 ? nothingTested : Math.min(failed, 1)
