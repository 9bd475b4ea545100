import { expect, it } from 'vitest'
import { describeRefusal, REFUSAL_NAMES, refusalOf, type Refusal } from '../../src/redis/refusals.ts'

const IN_SCRIPT = 'script: 1539, on @user_script:1.'
/** As servers answer: a plain command, a script since Redis 7, a script before, a transaction, a Cluster's client. */
const ANSWERS: Record<Refusal, readonly string[]> = {
  'out-of-memory': [
    "OOM command not allowed when used memory > 'maxmemory'.",
    `OOM command not allowed when used memory > 'maxmemory'. ${IN_SCRIPT}`,
    "ERR Error running script (call to f_1539): @user_script:1: @user_script: 1: -OOM command not allowed when used memory > 'maxmemory'.",
  ],
  disk: [
    "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
    'MISCONF Errors writing to the AOF file: No space left on device',
    'ERR Error running script (call to f_1539): @user_script:1: @user_script: 1: -MISCONF Errors writing to the AOF file: File too large',
  ],
  'read-only': [
    "READONLY You can't write against a read only replica.",
    `READONLY You can't write against a read only replica. ${IN_SCRIPT}`,
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
  ],
  'no-permission': [
    "NOPERM this user has no permissions to run the 'set' command",
    `ERR The user executing the script can't run this command or subcommand ${IN_SCRIPT}`,
    "ERR ACL failure in script: User shop has no permissions to run the 'set' command",
    'NOAUTH Authentication required.',
    'WRONGPASS invalid username-password pair or user is disabled.',
  ],
  moved: [
    'CLUSTERDOWN The cluster is down',
    'MOVED 866 10.0.0.7:6379',
    'Too many Cluster redirections. Last error: ReplyError: CLUSTERDOWN Hash slot not served',
  ],
  'no-replicas': [
    'NOREPLICAS Not enough good replicas to write.',
    `NOREPLICAS Not enough good replicas to write. ${IN_SCRIPT}`,
  ],
  unreachable: [
    'Connection is closed.',
    'Command timed out',
    'connect ECONNREFUSED 10.0.0.7:6379',
    'LOADING Redis is loading the dataset in memory',
    'ERR something of a later version',
  ],
}

it.each(REFUSAL_NAMES)('%s is read off what servers answer, and described without it', refusal => {
  expect(ANSWERS[refusal].map(answer => refusalOf(new Error(answer)))).toEqual(ANSWERS[refusal].map(() => refusal))
  expect(describeRefusal(refusal)).not.toMatch(/\d|undefined/)
  expect(refusalOf('no error at all')).toBe('unreachable')
})
