import type { VirtualClock } from './clock.ts'

const LINE_MAX = Number(process.env.SIM_TRACE_WIDTH ?? 170)

/** The end of a schedule that broke a rule. */
export class Breach extends Error {}

/** What has happened in a schedule, and whether it has broken a rule. */
export class Trace {
  readonly clock: VirtualClock
  readonly #startedAt: number
  readonly #kept: number
  #lines: string[] = []
  #breach: string | null = null

  /** Tells times from `startedAt` on; a breach is told with the last `kept` lines. */
  constructor(clock: VirtualClock, { startedAt, kept }: { startedAt: number; kept: number }) {
    this.clock = clock
    this.#startedAt = startedAt
    this.#kept = kept
  }

  note(line: string): void {
    this.#lines.push(`${this.clock.now - this.#startedAt} ${line.slice(0, LINE_MAX)}`)
    if (this.#lines.length > 2 * this.#kept) this.#lines = this.#lines.slice(-this.#kept)
  }

  /** Remembers the first breach; whoever takes the next step stops there. */
  fail(what: string): void {
    this.#breach ??= `${what}\n  ${this.#lines.slice(-this.#kept).join('\n  ')}`
  }

  /** What happened last, a line each. */
  get last(): readonly string[] {
    return this.#lines.slice(-this.#kept)
  }

  check(): void {
    if (this.#breach !== null) throw new Breach(this.#breach)
  }
}
