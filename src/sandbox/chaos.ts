import type { CallName, Fault, FaultRule } from './faults.ts'

interface ChaosOptions {
  slowMs?: number
  lateMs?: number
  /** Also what does not pass by itself: 400, 403, 412, 422 and a redirect. Off unless told. */
  refusals?: boolean
  /** The calls it is limited to; all of them unless told. */
  only?: readonly CallName[]
}

const statuses = (...codes: number[]): Fault[] => codes.map(status => ({ kind: 'status', status }))

/** Every kind of fault, each with its variants; a kind weighs the same however many variants it has. */
function kinds({ slowMs = 200, lateMs = 500, refusals = false }: ChaosOptions): Fault[][] {
  const passing: Fault[][] = [
    [...statuses(408, 500, 502, 503, 504), { kind: 'status', status: 429, retryAfterS: 1 }],
    [{ kind: 'html' }],
    [{ kind: 'slow', ms: slowMs }],
    [{ kind: 'hang' }],
    [{ kind: 'reset' }],
    [
      { kind: 'commit-then-fail', status: 500 },
      { kind: 'commit-then-fail', status: 504 },
    ],
    [{ kind: 'commit-then-hang' }],
    [{ kind: 'commit-then-reset' }],
    [
      { kind: 'late-commit', ms: lateMs },
      { kind: 'late-commit', ms: lateMs, hang: true },
    ],
    [{ kind: 'token-revoked' }],
  ]
  return refusals ? [...passing, statuses(400, 403, 412, 422), [{ kind: 'redirect' }]] : passing
}

/** The rules of one kind of call, or of all. They are tried in turn, so each gets its part of what is left. */
function spread(share: number, all: Fault[][], on?: CallName): FaultRule[] {
  let left = 1
  return all.flatMap(variants =>
    variants.map(fault => {
      const part = share / all.length / variants.length
      const probability = Math.min(1, part / left)
      left = Math.max(Number.EPSILON, left - part)
      return { ...(on !== undefined && { on }), probability, fault }
    }),
  )
}

/** Rules that spread `share` (0 to 1) of all calls, or of those named in `only`, evenly over every kind of fault. */
export function chaos(share: number, options: ChaosOptions = {}): FaultRule[] {
  const all = kinds(options)
  return options.only ? options.only.flatMap(on => spread(share, all, on)) : spread(share, all)
}
