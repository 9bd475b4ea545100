import type { RunnerTask, RunnerTestCase } from 'vitest'

/** The tests below a task of vitest. */
export const testsIn = (task: RunnerTask): RunnerTestCase[] =>
  task.type === 'test' ? [task] : task.tasks.flatMap(testsIn)

export interface Failure {
  /** The test that failed; null: a hook, or the file itself. */
  test: string | null
  /** Its name and its first line of explanation. */
  description: string
}

/** What failed first in a file; null when nothing did. */
export function firstFailure(task: RunnerTask, above: readonly string[] = []): Failure | null {
  const names = 'filepath' in task ? above : [...above, task.name]
  for (const below of task.type === 'suite' ? task.tasks : []) {
    const failure = firstFailure(below, names)
    if (failure !== null) return failure
  }
  if (task.result?.state !== 'fail') return null
  const [message = ''] = (task.result.errors?.[0]?.message ?? '').split('\n')
  return { test: task.type === 'test' ? task.id : null, description: `${names.join(' > ')}: ${message.slice(0, 200)}` }
}
