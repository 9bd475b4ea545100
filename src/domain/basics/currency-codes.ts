/**
 * Codes of ISO 4217 that the table of Node.js leaves out, or has only in newer releases: funds and units of account (BOV, CHE, CHW,
 * CLF, COU, MXV, USN, UYI, UYW, XAD) and the newest currencies.
 */
const FURTHER = ['BOV', 'CHE', 'CHW', 'CLF', 'COU', 'MXV', 'SLE', 'USN', 'UYI', 'UYW', 'VED', 'XAD', 'XCG', 'ZWG']
const CODES: ReadonlySet<string> = new Set([...Intl.supportedValuesOf('currency'), ...FURTHER])

/** The ISO 4217 code in upper case; null where the text is none (`US`, `dollar`, `ZZZ`, `XXX` for "no currency"). */
export function readCurrencyCode(text: string): string | null {
  const code = text.trim().toUpperCase()
  return CODES.has(code) ? code : null
}
