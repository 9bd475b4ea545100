import type { Random } from './random.ts'

/** Somebody whose commands are taken one at a time, and who may stand still in between. */
export interface Taker {
  stalled: boolean
}

interface Turn {
  taker: Taker
  name: string
  /** Carries the command out; its answer then waits for a turn of its own, or is handed over at once. */
  effect: () => Promise<unknown>
  answer: { value: unknown } | null
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

/**
 * Lets several pieces of asynchronous code take turns in an order drawn from a seed: every command they give waits here until
 * it is drawn, and between its effect and its answer anything may happen.
 */
export class Turns {
  #waiting: Turn[] = []
  readonly #random: Random
  readonly #show: (answer: unknown) => string

  /** `show` tells an answer for the trace. */
  constructor(random: Random, show = (answer: unknown): string => JSON.stringify(answer)?.slice(0, 160) ?? '') {
    this.#random = random
    this.#show = show
  }

  /** A command of `taker`: it happens when its turn comes, and never once `drop` was called. */
  take<Value>(taker: Taker, name: string, effect: () => Promise<Value>): Promise<Value> {
    return new Promise<Value>((resolve, reject) => {
      this.#waiting.push({ taker, name, effect, answer: null, resolve: resolve as Turn['resolve'], reject })
    })
  }

  /** Its process died: what it was about to do does not happen, and no answer reaches it. */
  drop(taker: Taker): void {
    this.#waiting = this.#waiting.filter(turn => turn.taker !== taker)
  }

  get waiting(): number {
    return this.#waiting.length
  }

  get drawable(): boolean {
    return this.#waiting.some(turn => !turn.taker.stalled)
  }

  /** Draws one command and carries it out, or hands over an answer; says which, for the trace. */
  async next(): Promise<string> {
    const turn = this.#random.pick(this.#waiting.filter(({ taker }) => !taker.stalled))
    if (turn.answer !== null) return this.#handOver(turn)
    try {
      turn.answer = { value: await turn.effect() }
    } catch (error) {
      this.#waiting.splice(this.#waiting.indexOf(turn), 1)
      turn.reject(error)
      await everythingSettled()
      return `${turn.name} threw`
    }
    return this.#random.chance(0.2) ? `${turn.name} took effect` : this.#handOver(turn)
  }

  async #handOver(turn: Turn): Promise<string> {
    this.#waiting.splice(this.#waiting.indexOf(turn), 1)
    turn.resolve(turn.answer?.value)
    await everythingSettled()
    return `${turn.name} → ${this.#show(turn.answer?.value)}`
  }
}

/** Between two commands there are only promises: after one turn of the event loop all code stands at its next command. */
const everythingSettled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
