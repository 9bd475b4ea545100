/** Which generation of payloads is sent: the reference's v0.6, or the members seen since. */
export type Generation = 'v0.6' | 'later'

/** The event types of the reference. */
const EVENT_TYPES = ['chargeback.new', 'prevention.new', 'chargeback.match', 'prevention.match', 'order.refund']

/** Types that later versions of the vendor's page add; they can be subscribed to where payloads are of that generation. */
const LATER_TYPES = [
  'chargeback.result',
  'chargeback.dnf',
  'order_validation.new',
  'order_validation.match',
  'rdr.new',
  'rdr.match',
  'registration.new',
]

/** The event types that can be subscribed to and pinged. */
export const typesOf = (generation: Generation): readonly string[] =>
  generation === 'later' ? [...EVENT_TYPES, ...LATER_TYPES] : EVENT_TYPES
