import { describe, expect, it } from 'vitest'
import { chargebackhitLines, chargebackhitOptions } from '../../src/cli/sandbox-chargebackhit.ts'
import { parseConfig } from '../../src/config.ts'

const PAIR = { CHARGEBACKHIT_PUBLIC_KEY: 'ap_of_the_account', CHARGEBACKHIT_SECRET_KEY: 'as_of_the_account' }
const OF_THE_SANDBOX = 'http://127.0.0.1:3002/chargebackhit'
const notifyUrl = (env: Record<string, string>) => chargebackhitOptions(parseConfig(env, [])).chargebackhitNotifyUrl

describe('where a sandbox on its own sends Chargebackhit’s alerts', () => {
  it('is the ingress of this machine, or the public address where there is one', () => {
    expect(notifyUrl({ PORT: '4000' })).toBe('http://127.0.0.1:4000/hooks/alerts/chargebackhit')
    expect(notifyUrl({ PUBLIC_URL: 'https://hooks.example.com' })).toBe(
      'https://hooks.example.com/hooks/alerts/chargebackhit',
    )
    expect(notifyUrl({ ...PAIR, CHARGEBACKHIT_URL: OF_THE_SANDBOX })).toContain('127.0.0.1')
  })

  it('is nowhere while a real account is configured, so that no made-up alert bears its signature', () => {
    expect(notifyUrl(PAIR)).toBeUndefined()
    expect(notifyUrl({ ...PAIR, CHARGEBACKHIT_URL: 'https://API.Chargebackhit.com' })).toBeUndefined()
  })
})

describe('what a sandbox on its own says of Chargebackhit', () => {
  const sandbox = {
    url: 'http://127.0.0.1:3002',
    chargebackhitUrl: OF_THE_SANDBOX,
    chargebackhitKeys: { publicKey: 'ap_of_the_account', secretKey: 'as_of_the_account' },
  }

  it('shows its own keys, and never those that are configured', () => {
    expect(chargebackhitLines(sandbox, parseConfig({}, [])).join('\n')).toContain('as_of_the_account')
    const lines = chargebackhitLines(sandbox, parseConfig(PAIR, [])).join('\n')
    expect(lines).not.toContain('of_the_account')
    expect(lines).toContain('go nowhere, since CHARGEBACKHIT_URL is the real one')
  })
})
