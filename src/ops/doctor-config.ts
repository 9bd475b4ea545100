import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Config } from '../config.ts'
import { fault, fine, unwise, warn, type DoctorLine } from './doctor-line.ts'

/** Settings a process would start without, and what that costs. That they are well-formed was checked before. */
export function lookAtConfig(config: Config): DoctorLine[] {
  const production = config.NODE_ENV === 'production'
  return [
    config.REDIS_URL === undefined
      ? fault('configuration', 'REDIS_URL is missing', 'set REDIS_URL, such as redis://127.0.0.1:6379')
      : fine('configuration', 'well-formed'),
    ...lookAtEnvFile(),
    stateLine(config.STATE_DIR),
    config.HOOK_SECRET === undefined
      ? unwise(production)(
          'hook secret',
          'HOOK_SECRET is missing: every order hook is answered 503',
          'set HOOK_SECRET to whsec_ and at least 16 bytes in base64, and give the same to the sender',
        )
      : fine('hook secret', config.HOOK_SECRET.length === 1 ? 'one secret' : `${config.HOOK_SECRET.length} secrets`),
    config.OPS_USERNAME === undefined || config.OPS_PASSWORD === undefined
      ? unwise(production)(
          'operations login',
          'OPS_USERNAME or OPS_PASSWORD is missing: the daemon ops refuses all access',
          'set both; the password long and random',
        )
      : passwordLine(config.OPS_PASSWORD, production),
    ...(config.ORDER_SYNC_DRY_RUN
      ? [unwise(production)('dry run', 'nothing is pushed', 'set ORDER_SYNC_DRY_RUN off to push orders')]
      : []),
  ]
}

/** The file of settings, where there is one: it holds every secret. Windows keeps its rights elsewhere. */
function lookAtEnvFile(): DoctorLine[] {
  const mode = process.platform === 'win32' ? undefined : statSync('.env', { throwIfNoEntry: false })?.mode
  if (mode === undefined) return []
  return (mode & OTHERS) === 0
    ? [fine('.env', 'only its owner can read it')]
    : [warn('.env', 'other users of this machine can read it, and the secrets in it', 'run: chmod 600 .env')]
}

/** What tells a restored Redis from the one before is kept there. */
function stateLine(folder: string): DoctorLine {
  const path = resolve(folder)
  if (!existsSync(path)) return fine('state folder', `${path}, made by the first daemon that starts here`)
  try {
    accessSync(path, constants.W_OK)
    return fine('state folder', path)
  } catch {
    return warn(
      'state folder',
      `${path} cannot be written: a restore made without order-sync restore would not be noticed`,
      'set STATE_DIR to a folder that the daemons can write to and that is kept over restarts',
    )
  }
}

/** Rights of the group and of everyone else. */
const OTHERS = 0o077

const SHORT = 12

const passwordLine = (password: string, production: boolean): DoctorLine =>
  password.length < SHORT
    ? unwise(production)('operations login', `OPS_PASSWORD is shorter than ${SHORT} characters`, 'choose a longer one')
    : fine('operations login', 'user name and password are set')
