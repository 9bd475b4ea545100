import { describe, expect, it } from 'vitest'
import { openServer, type TrustProxy } from '../../src/http/open-server.ts'
import { senderOf } from '../../src/http/sender-address.ts'
import { createLog } from '../../src/log.ts'

describe('whom a limit counts as one sender', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['"\\n{}', 'unknown'],
    ['', 'unknown'],
  ])('%s is %s', (address, sender) => expect(senderOf(address)).toBe(sender))
})

describe('the address of a request', () => {
  const FORWARDED = 'forged, 198.51.100.9, 203.0.113.5, 10.0.0.2'
  it.each<[TrustProxy, string, string]>([
    [false, '10.0.0.1', '10.0.0.1'],
    [1, '10.0.0.1', '10.0.0.2'],
    [2, '10.0.0.1', '203.0.113.5'],
    [['10.0.0.0/8'], '10.0.0.1', '203.0.113.5'],
    [['10.0.0.0/8'], '192.0.2.7', '192.0.2.7'],
    [['192.0.2.7', '10.0.0.2'], '192.0.2.7', '203.0.113.5'],
  ])('that trusts %j, of a connection from %s, is %s: what a sender writes itself is not believed', async (trustProxy, remoteAddress, ip) => {
    const app = openServer({ log: createLog('silent', 'test'), trustProxy, maxParamLength: 64 })
    app.get('/', request => ({ ip: request.ip }))
    const answer = await app.inject({ url: '/', remoteAddress, headers: { 'x-forwarded-for': FORWARDED } })
    expect(answer.json()).toEqual({ ip })
    await app.close()
  }) // prettier-ignore
})
