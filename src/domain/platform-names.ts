const NAMES: Readonly<Record<string, string>> = { midigator: 'Midigator', chargebackhit: 'Chargebackhit' }

/** A platform's name as its owner writes it. */
export const nameOf = (platform: string): string => NAMES[platform] ?? platform

/** A service by its platform's name, and which service where there are several. */
export function serviceName(service: string): string {
  const [platform = service, ...part] = service.split('-')
  return [nameOf(platform), ...part].join(' ')
}
