import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isAlive } from '../is-alive.ts'

/** Everything of the demo that lasts, in the folder it was started in. */
export const demoFolder = (): string => resolve('.order-sync')

const runFile = () => join(demoFolder(), 'run.json')

type Env = Record<string, string | undefined>

/** Makes the demo's folder, closed to other users and never committed wherever it lies. */
export function makeDemoFolder(): void {
  mkdirSync(demoFolder(), { recursive: true, mode: 0o700 })
  writeFileSync(join(demoFolder(), '.gitignore'), '*\n')
}

/** Notes how the running demo is reached, for commands typed in a second terminal; readable for this user alone. */
export function writeRunFile(env: Env): void {
  const fresh = `${runFile()}.${process.pid}`
  writeFileSync(fresh, JSON.stringify({ pid: process.pid, env }), { mode: 0o600 })
  renameSync(fresh, runFile())
}

/** Removes the note, unless another demo has written its own by now. */
export function removeRunFile(): void {
  if (read()?.pid === process.pid) rmSync(runFile(), { force: true })
}

/** The settings of the demo that runs in this folder, null when none does. */
export function runningDemo(): Env | null {
  const found = read()
  return found !== null && isAlive(found.pid) ? found.env : null
}

function read(): { pid: number; env: Env } | null {
  try {
    return JSON.parse(readFileSync(runFile(), 'utf8')) as { pid: number; env: Env }
  } catch {
    return null
  }
}
