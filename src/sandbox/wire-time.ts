/** A time (milliseconds since 1970) as the vendor writes it: UTC, to the second. */
export const wireTime = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`

/** Whether a text is such a time, and a real one. */
export function isWireTime(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return false
  const at = Date.parse(text)
  return !Number.isNaN(at) && wireTime(at) === text
}
