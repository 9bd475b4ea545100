import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let folder: string | null = null

/** A folder of this process's own for `STATE_DIR`; it goes with the process. Every namespace has a file of its own in it. */
export function stateDir(): string {
  if (folder !== null) return folder
  const made = (folder = mkdtempSync(join(tmpdir(), 'order-sync-state-')))
  process.once('exit', () => rmSync(made, { recursive: true, force: true }))
  return made
}
