import type { Fault, FaultRule } from './faults.ts'

interface ChaosOptions {
  slowMs?: number
  lateMs?: number
  /** Also what does not pass by itself: 400, 403, 412, 422 and a redirect. Off unless told. */
  refusals?: boolean
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

/**
 * Rules that spread `share` (0 to 1) of all calls evenly over every kind of fault. Rules are tried in turn, so each
 * gets its part of what the ones before it have left.
 */
export function chaos(share: number, options: ChaosOptions = {}): FaultRule[] {
  const all = kinds(options)
  let left = 1
  return all.flatMap(variants =>
    variants.map(fault => {
      const part = share / all.length / variants.length
      const probability = Math.min(1, part / left)
      left = Math.max(Number.EPSILON, left - part)
      return { probability, fault }
    }),
  )
}
