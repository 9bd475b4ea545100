import { tmpdir } from 'node:os'
import { vi } from 'vitest'
import { run } from '../../src/cli/run.ts'
import type { CliResult } from './run-cli.ts'

/**
 * Runs one command of `order-sync` inside this process, a second sooner than a process of its own would end.
 * One at a time, since it takes the process's environment, folder and outputs; what reads standard input wants `runCli`.
 */
export async function runCommand(
  words: readonly string[],
  { env = {}, cwd = tmpdir() }: { env?: Record<string, string>; cwd?: string } = {},
): Promise<CliResult> {
  const texts = { out: '', err: '' }
  const [environment, folder] = [process.env, process.cwd()]
  const hear = (stream: NodeJS.WriteStream, name: keyof typeof texts) =>
    vi.spyOn(stream, 'write').mockImplementation(text => {
      texts[name] += String(text)
      return true
    })
  const heard = [hear(process.stdout, 'out'), hear(process.stderr, 'err')]
  try {
    process.env = { PATH: environment.PATH, HOME: environment.HOME, ...env }
    process.chdir(cwd)
    await run(words)
    return { code: Number(process.exitCode ?? 0), ...texts }
  } finally {
    process.exitCode = undefined
    process.chdir(folder)
    process.env = environment
    for (const one of heard) one.mockRestore()
  }
}
