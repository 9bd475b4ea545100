import { readFile } from 'node:fs/promises'

/** Which system this is: the fields of /etc/os-release that matter; empty strings where there is none. */
export async function systemRelease(): Promise<{ id: string; family: string; version: string }> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(text)?.[1] ?? ''
  const id = field('ID')
  return { id, family: `${id} ${field('ID_LIKE')}`.trim(), version: field('VERSION_ID') || field('VERSION_CODENAME') }
}

// The first that fits wins: Fedora and Arch have replaced Redis by Valkey.
const LINUX_COMMANDS: [RegExp, string][] = [
  [/debian|ubuntu/, 'apt-get install redis-server'],
  [/alpine/, 'apk add redis'],
  [/arch/, 'pacman -S valkey'],
  [/suse/, 'zypper install redis'],
  [/^fedora/, 'dnf install valkey'],
  [/rhel|fedora|centos/, 'dnf install redis'],
]

/** The one command that gets a Redis onto this kind of system. `family` is ID and ID_LIKE of /etc/os-release. */
export function installCommand(platform: NodeJS.Platform, family: string, isRoot: boolean): string {
  if (platform === 'darwin') return 'brew install redis'
  if (platform === 'win32') return 'wsl --install'
  const known = LINUX_COMMANDS.find(([pattern]) => pattern.test(family))?.[1]
  if (!known) return 'docker run --detach --publish 127.0.0.1:6379:6379 redis:7-alpine'
  return isRoot ? known : `sudo ${known}`
}
