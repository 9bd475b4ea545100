import type { ChildProcess } from 'node:child_process'

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Has the child killed at the latest when this process ends: a hook that was cut short may not have stopped it. */
export function endWithTests(child: ChildProcess): void {
  running.add(child)
  child.once('close', () => running.delete(child))
}
