/** What senders write in place of nothing. */

const EMPTY_WORDS: ReadonlySet<string> = new Set(['', 'n/a', 'null', 'none'])
/** What databases and programming languages write where there is no date. */
const ZERO_DATE = /^(?:0+$|0000-00-00|0001-01-01|1970-01-01(?:$|[T ]00:00(?::00(?:\.0+)?)?(?:Z|\+00:?00)?$))/

/** False for null, empty text, and the words that programs write in place of nothing. */
export const isGiven = (value: unknown): boolean =>
  value !== undefined && value !== null && !(typeof value === 'string' && EMPTY_WORDS.has(value.trim().toLowerCase()))

/** The date that stands for no date: zeros, the year 1, or the first second of 1970. */
export const isZeroDate = (text: string): boolean => ZERO_DATE.test(text)
