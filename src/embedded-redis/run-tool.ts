import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** Runs a program to its end and answers with what it printed. A bad exit, or `timeoutMs` gone by, is thrown with its last words. */
export function runTool(
  file: string,
  args: string[],
  options: { cwd?: string; timeoutMs?: number } = {},
): Promise<string> {
  const { cwd = '/', timeoutMs = 10_000 } = options
  return new Promise((resolve, reject) => {
    execFile(file, args, { cwd, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout)
      const words = (stderr.trim() || error.message).split('\n').slice(-3).join(' ')
      const late = error.killed ? ` (stopped after ${timeoutMs} ms)` : ''
      reject(new Error(`${file} ${args.slice(-3).join(' ')}: ${words}${late}`, { cause: error }))
    })
  })
}

/** Where a program is on a PATH, or null. */
export async function findTool(name: string, path: string): Promise<string | null> {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const file = join(folder, name)
    if (await isProgram(file)) return file
  }
  return null
}

/** The PATH that our children inherit, asked of one of them: only the configuration reads our own environment. */
export async function inheritedPath(): Promise<string> {
  return runTool('/bin/sh', ['-c', 'printf %s "$PATH"'])
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    return (await stat(file)).isFile()
  } catch {
    return false
  }
}
