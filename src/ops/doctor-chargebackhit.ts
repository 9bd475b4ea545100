import type { Config } from '../config.ts'
import type { HttpClient } from '../http-client.ts'
import { CHARGEBACKHIT_HOOK_PATH } from '../platforms/chargebackhit/webhook.ts'
import { createChargebackhit } from '../platforms/index.ts'
import { fault, fine, unwise, type DoctorLine } from './doctor-line.ts'

const [KEYS, HOOK] = ['chargebackhit keys', 'chargebackhit hook']
const CHECK_KEYS = 'check CHARGEBACKHIT_PUBLIC_KEY and CHARGEBACKHIT_SECRET_KEY against the account’s settings in HUB'

/** Whether Chargebackhit takes our signature, and where its hook comes in; nothing where it is not configured. */
export async function lookAtChargebackhit(config: Config, http: HttpClient): Promise<DoctorLine[]> {
  const platform = createChargebackhit(config, http)
  if (platform === null) return []
  const looked = await platform.asking.renew(null)
  return [
    'access' in looked ? fine(KEYS, 'the platform takes our signature') : keysLine(looked.verdict),
    hookLine(config),
  ]
}

function keysLine(verdict: { next: string; cause?: string; code?: string }): DoctorLine {
  switch (verdict.next) {
    case 'stop':
      return fault(KEYS, `refused (${verdict.cause})`, CHECK_KEYS)
    case 'wait':
      return fine(KEYS, 'the platform asks to wait; it reported no fault of the keys')
    default:
      return fault(KEYS, `no answer (${verdict.code})`, 'check CHARGEBACKHIT_URL and the way out of this machine')
  }
}

function hookLine({ PUBLIC_URL: publicUrl, NODE_ENV }: Config): DoctorLine {
  if (publicUrl === undefined)
    return unwise(NODE_ENV === 'production')(HOOK, 'PUBLIC_URL is missing: the address for alerts is unknown', 'set it')
  const says = `${publicUrl}${CHARGEBACKHIT_HOOK_PATH} is the notification address to set in HUB`
  return fine(HOOK, `${says}; a proxy before it must pass the header public_key on (nginx: underscores_in_headers on)`)
}
