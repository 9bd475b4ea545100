import { describe, expect, it } from 'vitest'
import { hostsOf, readNatMap, readRedisUrl, type RedisAddress } from '../../src/redis/address.ts'

const noLogin = { tls: false, username: undefined, password: undefined }

describe('REDIS_URL', () => {
  // prettier-ignore
  it.each<[string, RedisAddress]>([
    ['redis://h', { topology: 'standalone', server: { host: 'h', port: 6379 }, db: 0, ...noLogin }],
    ['redis://h:1/2', { topology: 'standalone', server: { host: 'h', port: 1 }, db: 2, ...noLogin }],
    ['redis://h?db=3', { topology: 'standalone', server: { host: 'h', port: 6379 }, db: 3, ...noLogin }],
    ['redis://[::1]:7', { topology: 'standalone', server: { host: '::1', port: 7 }, db: 0, ...noLogin }],
    ['rediss://u:p%40%25@h:1', { topology: 'standalone', server: { host: 'h', port: 1 }, db: 0, tls: true, username: 'u', password: 'p@%' }],
    ['redis://:a@b/c@h:1', { topology: 'standalone', server: { host: 'h', port: 1 }, db: 0, tls: false, username: undefined, password: 'a@b/c' }],
    ['redis-sentinel://u:p@a:1,b,c:3/shop?db=4', { topology: 'sentinel', sentinels: [{ host: 'a', port: 1 }, { host: 'b', port: 26379 }, { host: 'c', port: 3 }], master: 'shop', db: 4, tls: false, username: 'u', password: 'p' }],
    ['rediss-sentinel://a/shop', { topology: 'sentinel', sentinels: [{ host: 'a', port: 26379 }], master: 'shop', db: 0, ...noLogin, tls: true }],
    ['redis-cluster://:p@a:1,b:2', { topology: 'cluster', nodes: [{ host: 'a', port: 1 }, { host: 'b', port: 2 }], tls: false, username: undefined, password: 'p' }],
    ['rediss-cluster://a', { topology: 'cluster', nodes: [{ host: 'a', port: 6379 }], ...noLogin, tls: true }],
  ])('%s is understood', (url, address) => {
    expect(readRedisUrl(url)).toEqual(address)
  })

  it.each([
    ['http://secret', 'begins with redis://'],
    ['localhost:6379', 'begins with redis://'],
    ['redis', 'begins with redis://'],
    ['redis-sentinels://secret/x', 'begins with redis://'],
    ['redis://', 'host:port'],
    ['redis://:secret@', 'host:port'],
    ['redis://secret:0', 'host:port'],
    ['redis://secret:70000', 'host:port'],
    ['redis-cluster://secret:1,,b:2', 'host:port'],
    ['redis://secret:1,b:2', 'redis-sentinel:// or redis-cluster://'],
    ['redis://secret:1/one', 'whole number as the database'],
    ['redis://secret:1/1?db=2', 'once'],
    ['redis-sentinel://secret:1', 'name of the monitored primary'],
    ['redis-sentinel://secret:1/shop?db=x', 'whole number as the database'],
    ['redis-cluster://secret:1/3', 'no database number'],
    ['redis-cluster://secret:1?db=3', 'no database number'],
    ['redis://secret:1?family=6', 'no parameter but ?db'],
    ['redis://u:secret%zz@h:1', 'percent-encoded'],
  ])('%s is a fault that names what was expected and nothing of the value', (url, expected) => {
    const address = readRedisUrl(url)
    expect(address).toEqual({ fault: expect.stringContaining(expected) })
    expect(JSON.stringify(address)).not.toContain('secret')
  })

  it('is shown without user and password', () => {
    const shown = ['redis://u:p@h:1', 'redis-sentinel://u:p@a:1,b:2/shop', 'redis-cluster://u:p@a:1,b:2'].map(url =>
      hostsOf(readRedisUrl(url) as RedisAddress),
    )
    expect(shown).toEqual(['h:1', 'a:1, b:2', 'a:1, b:2'])
  })
})

describe('REDIS_NAT_MAP', () => {
  it('is read entry by entry', () => {
    expect(readNatMap('10.0.0.1:6379=127.0.0.1:7001, [fd00::1]:1=h:2')).toEqual({
      '10.0.0.1:6379': { host: '127.0.0.1', port: 7001 },
      'fd00::1:1': { host: 'h', port: 2 },
    })
  })
  it.each(['', 'a:1', 'a=b', 'a:1=b', 'a=b:1', 'a:1=b:2=c:3', 'a:1=b:2,'])('%j is not', text => {
    expect(readNatMap(text)).toBeNull()
  })
})
