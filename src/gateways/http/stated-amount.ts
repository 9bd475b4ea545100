import { canonicalAmount } from '../../domain/basics/money.ts'
import { readAmount } from '../../domain/basics/read-amount.ts'

/**
 * Canonical text of an amount as a gateway states it: whole minor units, with the noise of binary floats taken away. A plain decimal that
 * is finer than its currency stays as it is, for the account to judge, because the currency may not be stated. What floats leave of
 * nothing (`-1.7e-15`) is `0`; any other negative amount, and what is no amount, is null.
 */
export function statedAmount(text: string, currency: string | null): string | null {
  if (text.startsWith('-')) return readAmount(text.slice(1), currency) === '0' ? '0' : null
  return readAmount(text, currency) ?? canonicalAmount(text)
}
