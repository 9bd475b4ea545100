import type { Socket } from 'node:net'
import { keepNewest } from './keep-newest.ts'

const HISTORY_KEPT = 200
const REQUESTS_KEPT = 1_000

/**
 * One call as the platform saw it. Times are milliseconds since 1970. `ended` is null while it is in flight; `closed`
 * means that the caller went away first. `committedSeq` orders commits over all calls, late ones included.
 */
export interface CallEntry {
  seq: number
  at: number
  call: string
  path: string
  order_id: string | null
  payload: unknown
  fault: string | null
  status: number | null
  ended: 'answered' | 'reset' | 'closed' | null
  endedAt: number | null
  committedAt: number | null
  committedSeq: number | null
}

/** What is known of one order. `id` and `record` are null until something was committed. */
export interface OrderEntry {
  order_id: string
  id: string | null
  record: Record<string, unknown> | null
  history: CallEntry[]
  mostInFlight: number
}

interface OrderState extends OrderEntry {
  inFlight: number
}

/** Figures over all calls; `answers` counts by call and by status, or by how it ended. */
export interface InboxStats {
  calls: number
  orders: number
  inFlight: number
  mostInFlight: number
  mostInFlightForOneOrder: number
  answers: Record<string, Record<string, number>>
}

type Opening = Pick<CallEntry, 'call' | 'path' | 'payload'> & { order_id?: string; fault?: string }

/** A call from its arrival until its answer was sent or its socket closed, whichever comes first. */
export class OpenCall {
  readonly #inbox: Inbox
  readonly #order: OrderState | undefined
  readonly entry: CallEntry

  constructor(inbox: Inbox, entry: CallEntry, order: OrderState | undefined) {
    this.#inbox = inbox
    this.entry = entry
    this.#order = order
  }

  /** Ends the call; what comes later (a socket that closes after the answer) changes nothing. */
  end(how: 'answered' | 'reset' | 'closed', status: number | null = null): void {
    if (this.entry.ended) return
    this.entry.ended = how
    this.entry.endedAt = Date.now()
    this.entry.status = status
    this.#inbox.closeCall(this, this.#order)
  }

  /** Commits into the order's record, in flight or not; nothing happens when the inbox was cleared since. */
  commit(id: string, upsert: (record: Record<string, unknown> | undefined) => Record<string, unknown>): void {
    if (this.#order) this.#inbox.commitCall(this, this.#order, id, upsert)
  }
}

/** What the sandbox received, in memory until `clear()`: merged records, the calls of each order, figures. */
export class Inbox {
  #orders = new Map<string, OrderState>()
  #requests: CallEntry[] = []
  #answers: Record<string, Record<string, number>> = {}
  #seq = 0
  #committedSeq = 0
  #calls = 0
  #clearedSeq = 0
  #mostInFlight = 0
  #mostForOneOrder = 0
  readonly #open = new Map<OpenCall, Socket>()
  readonly #openBySocket = new WeakMap<Socket, Set<OpenCall>>()

  /** Ends the calls of a socket with it. At `end` already: `close` comes a turn later, after a next call may arrive. */
  watch(socket: Socket): void {
    const calls = new Set<OpenCall>()
    this.#openBySocket.set(socket, calls)
    const gone = (): void => {
      for (const call of calls) call.end('closed')
    }
    for (const event of ['end', 'error', 'close']) socket.on(event, gone)
  }

  open(socket: Socket, { call, path, payload, order_id, fault }: Opening): OpenCall {
    const entry: CallEntry = {
      seq: ++this.#seq,
      at: Date.now(),
      call,
      path,
      order_id: order_id ?? null,
      payload,
      fault: fault ?? null,
      status: null,
      ended: null,
      endedAt: null,
      committedAt: null,
      committedSeq: null,
    }
    const order = order_id === undefined ? undefined : this.#orderState(order_id)
    const opened = new OpenCall(this, entry, order)
    this.#calls++
    this.#open.set(opened, socket)
    this.#openBySocket.get(socket)?.add(opened)
    this.#mostInFlight = Math.max(this.#mostInFlight, this.#open.size)
    keepNewest(this.#requests, entry, REQUESTS_KEPT)
    if (order) this.#arrive(order, entry)
    if (socket.destroyed) opened.end('closed')
    return opened
  }

  #arrive(order: OrderState, entry: CallEntry): void {
    keepNewest(order.history, entry, HISTORY_KEPT)
    order.inFlight++
    order.mostInFlight = Math.max(order.mostInFlight, order.inFlight)
    this.#mostForOneOrder = Math.max(this.#mostForOneOrder, order.inFlight)
  }

  #orderState(orderId: string): OrderState {
    const known = this.#orders.get(orderId)
    if (known) return known
    const fresh: OrderState = { order_id: orderId, id: null, record: null, history: [], mostInFlight: 0, inFlight: 0 }
    this.#orders.set(orderId, fresh)
    return fresh
  }

  /** For `OpenCall.end` only. */
  closeCall(call: OpenCall, order: OrderState | undefined): void {
    const socket = this.#open.get(call)
    this.#open.delete(call)
    if (socket) this.#openBySocket.get(socket)?.delete(call)
    if (order) order.inFlight--
    const { call: name, status, ended, seq } = call.entry
    if (seq <= this.#clearedSeq) return
    const counts = (this.#answers[name] ??= {})
    const answer = String(status ?? ended)
    counts[answer] = (counts[answer] ?? 0) + 1
  }

  /** For `OpenCall.commit` only. */
  commitCall(
    { entry }: OpenCall,
    order: OrderState,
    id: string,
    upsert: (record: Record<string, unknown> | undefined) => Record<string, unknown>,
  ): void {
    if (this.#orders.get(order.order_id) !== order) return
    entry.committedAt = Date.now()
    entry.committedSeq = ++this.#committedSeq
    order.id = id
    order.record = upsert(order.record ?? undefined)
  }

  /** The records of all orders of which something was committed, in order of their first call. */
  records(): Record<string, unknown>[] {
    return [...this.#orders.values()].flatMap(({ record }) => (record ? [{ ...record }] : []))
  }

  /** The record as it is now, undefined until something was committed. */
  record(orderId: string): Record<string, unknown> | undefined {
    return this.#orders.get(orderId)?.record ?? undefined
  }

  /** Everything of one order, as a copy; undefined when no call ever named it. The newest 200 calls are kept. */
  order(orderId: string): OrderEntry | undefined {
    const found = this.#orders.get(orderId)
    if (!found) return undefined
    const { order_id, id, record, history, mostInFlight } = found
    const calls = history.slice(-HISTORY_KEPT).map(entry => ({ ...entry }))
    return { order_id, id, record: record && { ...record }, history: calls, mostInFlight }
  }

  /** The newest calls of all kinds, oldest first, without credentials; 1,000 are kept. */
  requests(limit = REQUESTS_KEPT): CallEntry[] {
    return this.#requests.slice(-Math.min(limit, REQUESTS_KEPT)).map(entry => ({ ...entry }))
  }

  stats(): InboxStats {
    return {
      calls: this.#calls,
      orders: this.#orders.size,
      inFlight: this.#open.size,
      mostInFlight: this.#mostInFlight,
      mostInFlightForOneOrder: this.#mostForOneOrder,
      answers: structuredClone(this.#answers),
    }
  }

  /**
   * Forgets everything received. A commit still to come from before (slow, late) is dropped; a call still in flight
   * goes on being counted as in flight overall, but no more for its order.
   */
  clear(): void {
    this.#orders = new Map()
    this.#requests = []
    this.#answers = {}
    this.#calls = 0
    this.#clearedSeq = this.#seq
    this.#mostInFlight = this.#open.size
    this.#mostForOneOrder = 0
  }
}
