/**
 * Every key in Redis, on one screen. All carry one hash tag, so that a script may touch any of them, also on a Redis Cluster;
 * BullMQ's keys live under the same tag (`queuePrefix`).
 */
export function keysOf(namespace: string) {
  const tag = `{${namespace}}`
  return {
    /** BullMQ's prefix: its keys are `{namespace}:<queue>:…`. */
    queuePrefix: tag,
    /** Sorted sets: the jobs of one queue by when they run next, and those just taken from it; hash: job → failures, priority, code. */
    jobsDue: (queue: string) => `${tag}:jobs-due:${queue}`,
    jobsTaken: (queue: string) => `${tag}:jobs-taken:${queue}`,
    jobNotes: (queue: string) => `${tag}:job-notes:${queue}`,
    /** Sorted set: schedules by their next time; hash: schedule → when its work last ended. */
    schedules: `${tag}:schedules`,
    schedulesRan: `${tag}:schedules-ran`,
    /** Hash: the record of one order (fields: see `order-store.ts`). */
    order: (orderId: string) => `${tag}:order:${orderId}`,
    /** Sorted set: one order's notes, by their own time. */
    orderNotes: (orderId: string) => `${tag}:order-notes:${orderId}`,
    /** List: what happened to one order, newest first, at most 200. */
    timeline: (orderId: string) => `${tag}:timeline:${orderId}`,
    /** Sorted set: every order, by its last change. */
    orders: `${tag}:orders`,
    /** Sorted set: orders that differ from what was acknowledged, by since when. */
    dirty: `${tag}:orders-dirty`,
    /** Sorted set: dirty orders, by when the sweep looks for their job. */
    due: `${tag}:orders-due`,
    /** Sorted set: orders not settled yet and never pushed, by since when. */
    held: `${tag}:orders-held`,
    /** Sorted set: orders the platform refused, by when they are tried again. */
    rejected: `${tag}:orders-rejected`,
    /** Sorted set: orders with a field in doubt, by when the doubt can end. */
    doubtful: `${tag}:orders-doubtful`,
    /** Sorted set: SHA-1 of forgotten order ids, by when they were forgotten. */
    forgotten: `${tag}:orders-forgotten`,
    /**
     * Prefix of sets: the orders that carry a transaction id, ARN, auth code, or six and four; the value's text follows. And of
     * sorted sets, by when they were sold (YYYYMMDDhhmmss): `sold-customer_id:`, and, 0 where that time is not known,
     * `sold-card:`, `sold-last_4:` and `sold-cardless:` (no last four, or paid by a wallet).
     */
    lookup: `${tag}:lookup:`,
    /** Hash: JSON text of a merchant account → how many orders carry it. */
    merchantAccounts: `${tag}:lookup:merchant-accounts`,
    /** Hash: source → since when every order of it is known. */
    sources: `${tag}:sources`,
    /** Hash: the record of one case and the count of its writes; a hash of its log, a slot an entry. */
    case: (id: string) => `${tag}:case:${id}`,
    caseLog: (id: string) => `${tag}:case-log:${id}`,
    /** Sorted sets: every case that is listed, and those of one state, by when they were first heard of. */
    cases: `${tag}:cases`,
    /** Sorted set: SHA-1 of the ids of cases that were erased with their order, by when. */
    casesForgotten: `${tag}:cases-forgotten`,
    /** Sorted set: every case that is kept, listed or not, by when it was first heard of. */
    casesKept: `${tag}:cases-kept`,
    casesIn: (state: string) => `${tag}:cases-in:${state}`,
    /** Sorted sets: unfinished cases, by when they are looked at again; cases by their next mark; unanswered ones by their deadline. */
    casesOpen: `${tag}:cases-open`,
    casesMarks: `${tag}:cases-marks`,
    casesRespondBy: `${tag}:cases-respond-by`,
    /** Set: the cases of one order. */
    orderCases: (orderId: string) => `${tag}:order-cases:${orderId}`,
    /** Set: the cases that name an ARN. */
    casesByArn: (arn: string) => `${tag}:cases-by-arn:${arn}`,
    /** Sets: chargebacks and RDR notices without an order, by last four and by amount; counter of every change of them. */
    casesUntied: (bucket: string) => `${tag}:cases-untied:${bucket}`,
    untiedVersion: `${tag}:cases-untied-version`,
    /** Hash: one order's refunds, which outlive it. */
    refunds: (orderId: string) => `${tag}:refunds:${orderId}`,
    /** Sorted set: orders with a refund to look after, by when. */
    refundsDue: `${tag}:refunds-due`,
    /** Prefix of strings: the order a transaction (its digest follows) belongs to, the first that refunded it. */
    refundOwner: `${tag}:refund-owner:`,
    /** Sorted set: refunds sent in the last hour, by when. */
    refundHour: `${tag}:refund-hour`,
    /** Hash: the switch for refunds as it was last set; list: who set it, newest first. */
    refundMode: `${tag}:refund-mode`,
    refundModeLog: `${tag}:refund-mode-log`,
    /** List: what people did to queues, orders and rejected changes, newest first. */
    acts: `${tag}:acts`,
    /** Hash: alarms to send out, by id; sorted set: their ids, by when they are tried again. */
    alarmsOut: `${tag}:alarms-out`,
    alarmsDue: `${tag}:alarms-due`,
    /** Hash: when events and pings last came, and how many; list: events of types not known, masked, newest first. */
    eventFigures: `${tag}:event-figures`,
    unknownEvents: `${tag}:unknown-events`,
    /** Sorted set: digests of list items that could not be read, by when they were first seen. */
    unreadSeen: `${tag}:unread-seen`,
    /** Hash: platform → up to when its list of alerts was read. */
    caughtUp: `${tag}:caught-up`,
    /** Hash: breaker, throttle and denial of one platform. */
    gate: (platform: string) => `${tag}:gate:${platform}`,
    /** Sorted set: recent pushes to one platform, where a ceiling is configured. */
    pushRate: (platform: string) => `${tag}:push-rate:${platform}`,
    /** Hash: one platform's token and its generation. */
    token: (name: string) => `${tag}:token:${name}`,
    /** String with an expiry: who renews that token now. */
    tokenLock: (name: string) => `${tag}:token-lock:${name}`,
    /** Sorted set: ids of rejected changes, by when; and a hash of their bodies. */
    rejectedChanges: `${tag}:rejected-changes`,
    rejectedBodies: `${tag}:rejected-bodies`,
    /** Sorted sets: subjects of the alarms of one name that stand, by since when; hash: name|subject → why; hash: name → who has seen it. */
    alarmsOf: (name: string) => `${tag}:alarms-of:${name}`,
    alarmDetails: `${tag}:alarm-details`,
    alarmsAcknowledged: `${tag}:alarms-acknowledged`,
    /** String with an expiry: what one process last wrote, to see that Redis takes writes. */
    writeProbe: (process: string) => `${tag}:write-probe:${process}`,
    /** Hash: the epoch of the data and its count, which only ever rises; what Redis lost or what it was restored from. */
    epoch: `${tag}:epoch`,
    rollback: `${tag}:rollback`,
    /** Of no type: commands are tried on it, and nothing is kept. */
    tried: `${tag}:tried`,
    /** String: the version of ours that last swept; a new one tries refused orders again. */
    version: `${tag}:version`,
    /** Sorted set with an expiry: wrong passwords of one address, by when; string with an expiry: it had the right one lately. */
    wrongLogins: (login: string, address: string) => `${tag}:wrong-logins:${login}:${address}`,
    rightLogin: (login: string, address: string) => `${tag}:right-login:${login}:${address}`,
    /** Strings with an expiry, by label (`ingress-1`): one process's figures; the set of these labels. */
    figures: `${tag}:figures:`,
    figuresNames: `${tag}:figures-names`,
    /** Hash: event type → guid of the subscription we made for it; and a string with an expiry: who mends them now. */
    subscriptions: `${tag}:subscriptions`,
    subscriptionsLock: `${tag}:subscriptions-lock`,
  }
}

export type Keys = ReturnType<typeof keysOf>
