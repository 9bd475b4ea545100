import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, symlinkSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
/** The last commit of 0.1.0. Its packages are those of today. */
const COMMIT = '0b17474'

/** Whether this copy of the repository has the sources of version 0.1.0: one without its history does not. */
export const hasOlderVersion = (): boolean =>
  spawnSync('git', ['cat-file', '-e', `${COMMIT}^{commit}`], { cwd: ROOT }).status === 0

/** Unpacks the sources of version 0.1.0; answers their folder, and how to remove it. */
export async function unpackOlderVersion(): Promise<{ folder: string; remove(): Promise<void> }> {
  const parent = join(ROOT, '.order-sync')
  await mkdir(parent, { recursive: true, mode: 0o700 })
  const folder = await mkdtemp(join(parent, 'version-0.1.0-'))
  const archive = execFileSync('git', ['archive', COMMIT, 'src', 'workers', 'package.json', 'tsconfig.json'], {
    cwd: ROOT,
    maxBuffer: 100_000_000,
  })
  execFileSync('tar', ['-x', '-C', folder], { input: archive })
  if (!existsSync(join(folder, 'node_modules'))) symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}
