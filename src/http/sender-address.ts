import { isIPv4, isIPv6 } from 'node:net'

/**
 * Whom a limit counts as one sender: an IPv4 address, or the /64 of an IPv6 address, all of which one subscriber usually has. What is no
 * address (a proxy may pass anything on) is `unknown`.
 */
export function senderOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (isIPv4(plain)) return plain
  return isIPv6(plain) ? `${groupsOf(plain).slice(0, 4).join(':')}::/64` : 'unknown'
}

/** The eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): string[] {
  const [head = '', tail] = address.toLowerCase().split('::')
  const [left, right] = [head, tail ?? ''].map(part => part.split(':').filter(Boolean)) as [string[], string[]]
  const gap = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  return [...left, ...Array.from({ length: gap }, () => '0'), ...right].map(group => group.replace(/^0+(?=.)/, ''))
}
