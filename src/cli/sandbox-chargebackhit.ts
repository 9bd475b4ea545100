import type { Config } from '../config.ts'
import { CHARGEBACKHIT_HOOK_PATH } from '../platforms/chargebackhit/webhook.ts'
import type { ChargebackhitOptions } from '../sandbox/chargebackhit-side.ts'
import type { Sandbox } from '../sandbox/server.ts'
import { addressOf } from './listening.ts'

type Settings = Pick<
  Config,
  'HOST' | 'PORT' | 'PUBLIC_URL' | 'CHARGEBACKHIT_URL' | 'CHARGEBACKHIT_PUBLIC_KEY' | 'CHARGEBACKHIT_SECRET_KEY'
>

const AS_CONFIGURED = 'as configured'

/** How Chargebackhit's part of the sandbox is started: with the configured pair, if there is one, and an address for its alerts. */
export function chargebackhitOptions(config: Settings): ChargebackhitOptions {
  const { CHARGEBACKHIT_PUBLIC_KEY: publicKey, CHARGEBACKHIT_SECRET_KEY: secretKey } = config
  const notifyUrl = notifyUrlOf(config)
  return {
    ...(publicKey !== undefined && { chargebackhitPublicKey: publicKey }),
    ...(secretKey !== undefined && { chargebackhitSecretKey: secretKey }),
    ...(notifyUrl !== null && { chargebackhitNotifyUrl: notifyUrl }),
  }
}

/** What is said of it where the sandbox tells of its interfaces. */
export function chargebackhitLines(
  { url, chargebackhitUrl, chargebackhitKeys: keys }: Pick<Sandbox, 'url' | 'chargebackhitUrl' | 'chargebackhitKeys'>,
  config: Settings,
): string[] {
  const shown = isPairConfigured(config) ? { publicKey: AS_CONFIGURED, secretKey: AS_CONFIGURED } : keys
  const change = `PUT ${url}/_sandbox/chargebackhit/webhook changes it`
  return [
    `Chargebackhit ${chargebackhitUrl}   (CHARGEBACKHIT_URL)`,
    `public key   ${shown.publicKey}   (CHARGEBACKHIT_PUBLIC_KEY)`,
    `secret key   ${shown.secretKey}   (CHARGEBACKHIT_SECRET_KEY)`,
    `its alerts   ${notifyUrlOf(config) ?? 'go nowhere, since CHARGEBACKHIT_URL is the real one'}   (${change})`,
  ]
}

const isPairConfigured = ({ CHARGEBACKHIT_SECRET_KEY: secretKey }: Settings) => secretKey !== undefined

/**
 * Where the ingress is reached. Null where a real account is configured: a made-up alert under its signature would be taken for
 * a real one, and money would move.
 */
function notifyUrlOf(config: Settings): string | null {
  if (isPairConfigured(config) && /(^|\.)chargebackhit\.com$/.test(new URL(config.CHARGEBACKHIT_URL).hostname))
    return null
  return `${config.PUBLIC_URL ?? addressOf(config.HOST, config.PORT)}${CHARGEBACKHIT_HOOK_PATH}`
}
