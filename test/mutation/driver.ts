import { expect, it } from 'vitest'

// What vitest is started with; runner.ts runs the job once it is through.
it('runs in the process of a job', () => {
  expect(process.env.MUTATION_JOB).toBeDefined()
})
