/** Processor time this process has used since, in milliseconds: unlike the clock's, it does not grow when the machine is busy. */
export function cpuMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}
