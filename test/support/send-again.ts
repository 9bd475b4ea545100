import { setTimeout as pause } from 'node:timers/promises'

const TRIES = 240
const PAUSE_MS = 250

/** Sends as a sender does: again while the answer is 503, which asks for it because Redis is slow; for a minute at most. */
export async function sendAgain<Answer extends { status: number }>(send: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    const answer = await send()
    if (answer.status !== 503 || tries === TRIES) return answer
    await pause(PAUSE_MS)
  }
}
