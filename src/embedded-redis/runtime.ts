import { runTool } from './run-tool.ts'

/** What to run for one server: the command line, and how to end it without its consent. */
export interface Launch {
  command: string[]
  kill(pid: number): Promise<void>
}

/** A way to run Redis on this machine. `pidIsRedis` is false where the process we start only stands for it. */
export interface Runtime {
  pidIsRedis: boolean
  launch(where: { port: number; folder: string; settings: string[] }): Launch
}

/** A redis-server or valkey-server binary, with the folders of the libraries that came with it. */
export function programRuntime(binary: string, libraryFolders: string[] = []): Runtime {
  const program = withLibraries(binary, libraryFolders)
  return {
    pidIsRedis: true,
    launch: ({ port, folder, settings }) => ({
      command: [
        ...program,
        '--port',
        `${port}`,
        '--bind',
        '127.0.0.1',
        '--dir',
        folder,
        '--protected-mode',
        'yes',
        ...settings,
      ],
      kill: async pid => killProcess(pid),
    }),
  }
}

/** The words that run a binary with its own libraries; `env` becomes the binary, so the process id stays the same. */
export function withLibraries(binary: string, libraryFolders: string[]): [string, ...string[]] {
  if (libraryFolders.length === 0) return [binary]
  return ['/usr/bin/env', `LD_LIBRARY_PATH=${libraryFolders.join(':')}`, binary]
}

const IMAGE = 'redis:7-alpine'

/** Redis in a container, its port published on this machine's loopback only. Pulls the image when it is missing. */
export async function containerRuntime(docker: string, say: (line: string) => void): Promise<Runtime> {
  await runTool(docker, ['version', '--format', '{{.Server.Version}}'])
  await runTool(docker, ['image', 'inspect', IMAGE]).catch(async () => {
    say(`Pulling the container image ${IMAGE}.`)
    await runTool(docker, ['pull', '--quiet', IMAGE], { timeoutMs: 180_000 })
  })
  const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`
  return {
    pidIsRedis: false,
    launch: ({ port, folder, settings }) => {
      const name = `order-sync-redis-${process.pid}-${port}`
      const publish = ['--publish', `127.0.0.1:${port}:6379`, '--volume', `${folder}:/data`, '--user', user]
      const server = ['redis-server', '--dir', '/data', '--protected-mode', 'no', ...settings]
      return {
        command: [docker, 'run', '--rm', '--name', name, ...publish, IMAGE, ...server],
        kill: async () => void (await runTool(docker, ['kill', name])),
      }
    },
  }
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
