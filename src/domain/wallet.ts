import type { Register, RegisterName } from './order.ts'

/**
 * True when the card type or the gateway names a wallet: the card number that the order has is then the wallet's own (a device
 * account number), not the one that an alert names. The twin of `store/lua/includes/is_wallet.lua`, on the same canonical texts.
 */
export function isWallet(registers: ReadonlyMap<RegisterName, Register>): boolean {
  return namesWallet(registers.get('cc_type')?.value) || namesWallet(registers.get('gateway')?.value)
}

const WALLETS = [
  'applepay',
  'googlepay',
  'gpay',
  'androidpay',
  'samsungpay',
  'shoppay',
  'amazonpay',
  'paypal',
  'wallet',
]

function namesWallet(json: string | undefined): boolean {
  if (json === undefined || json === 'null') return false
  // ASCII alone, because Lua lowers no more than that.
  const lower = json.replace(/[A-Z]/g, letter => letter.toLowerCase())
  const letters = lower.replace(/[^a-z0-9]/g, '')
  return WALLETS.some(name => letters.includes(name)) || /(?<![a-z0-9])link(?![a-z0-9])/.test(lower)
}
