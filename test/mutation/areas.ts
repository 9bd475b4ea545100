/** A part of the program that is mutated, and the tests that are to notice. */
export interface Area {
  name: string
  sources: RegExp
  tests: RegExp
  /** True where the tests wait for Redis and timers. */
  needsRedis: boolean
}

/** Those that run the jobs of cases and refunds over real stores, and all unit tests. */
const CASE_TESTS =
  /^test\/(unit\/|integration\/(simulator-alerts|alert-faults|alerts(-answers|-deadlines|-gateway|-hook|-same-order)?|case[\w-]*|refund[\w-]*|chargebackhit-cases)\.).*test\.ts$/

/** Scripts of cases and of orders share includes. */
const SCRIPT_TESTS = new RegExp(`${CASE_TESTS.source}|^test/integration/(merge-order|order-marks)\\.test\\.ts$`)

/** Tests whose outcome does not depend on how fast the machine is; what fails in others must fail twice. */
export const isSteady = (file: string): boolean => /^test\/(unit\/|integration\/simulator-)/.test(file)

export const AREAS: readonly Area[] = [
  {
    name: 'domain',
    sources: /^src\/domain\/(match|account|refund|case|alert)\/.*\.ts$/,
    tests: /^test\/unit\/.*\.test\.ts$/,
    needsRedis: false,
  },
  {
    name: 'jobs',
    sources:
      /^src\/jobs\/(call-platform|case|catch-up-alerts|decide|enrich|read-case|refund|resolve|search-order|send-refund|sweep-cases|watch-deadlines)[\w-]*\.ts$/,
    tests: CASE_TESTS,
    needsRedis: true,
  },
  {
    name: 'scripts',
    sources:
      /^src\/store\/lua\/([\w-]*(case|refund)[\w-]*|take-due|includes\/(now_ms|ms_text|log_event|drop_oldest_event))\.lua$/,
    tests: SCRIPT_TESTS,
    needsRedis: true,
  },
]
