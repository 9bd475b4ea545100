import { createHash, randomBytes } from 'node:crypto'

/** What the vendor's GUIDs begin with, by what they name; `evt` names a sent event in this sandbox alone. */
export type GuidPrefix = 'evr' | 'pre' | 'cbc' | 'ord' | 'evt' | 'rfd'

/** A fresh GUID shaped like the vendor's: a prefix and 32 hex digits. */
export const newGuid = (prefix: GuidPrefix): string => `${prefix}_${randomBytes(16).toString('hex')}`

/** The vendor's GUID of an order: always the same for the same order id. */
export const orderGuidOf = (orderId: string): string =>
  `ord_${createHash('sha256').update(orderId).digest('hex').slice(0, 32)}`

/** Whether a path segment has the form of a GUID of this kind; another one is a bad request, not an unknown thing. */
export const isGuid = (text: string, prefix: GuidPrefix): boolean => new RegExp(`^${prefix}_[0-9A-Za-z]+$`).test(text)
