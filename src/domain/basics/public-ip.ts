const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/
/** An IPv4 address as servers that listen on IPv6 write it. */
const MAPPED = /^::ffff:(?=[\d.]+$)/i
/** RFC 1918, loopback, link-local, shared (RFC 6598) and unspecified addresses. */
const LOCAL_IPV4 = /^(?:0|10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./
/** Unspecified, loopback, unique local and link-local addresses, in their canonical form. */
const LOCAL_IPV6 = /^(?:::1?$|f[cd]|fe[89ab])/

/**
 * An IP address in one form, so that equal addresses are equal texts; null for what is none, and for an address of a local
 * network: behind a proxy every customer has the same one, and it says nothing of any of them.
 */
export function publicIp(text: string): string | null {
  const address = text.trim().replace(MAPPED, '')
  if (IPV4.test(address)) return LOCAL_IPV4.test(address) ? null : address
  const url = `http://[${address}]`
  if (!/^[\da-f:.]+$/i.test(address) || !URL.canParse(url)) return null
  const canonical = new URL(url).hostname.slice(1, -1)
  return LOCAL_IPV6.test(canonical) ? null : canonical
}
