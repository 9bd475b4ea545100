/** What `GET /_sandbox` answers: every route, in words. */
export const INDEX = {
  sandbox: 'Stands in for Midigator and for a refund gateway. Nothing sent here leaves this machine.',
  vendors: {
    'Midigator Data API': ['POST /v1/auth', 'POST /v1/order', 'POST /stage/auth', 'POST /stage/order'],
    'Midigator Authentication API': ['POST /auth/v1/auth'],
    'Midigator Events API': [
      'POST /events/v1/subscribe',
      'GET /events/v1/subscribe',
      'GET /events/v1/subscribe/:guid',
      'PUT /events/v1/subscribe/:guid',
      'DELETE /events/v1/subscribe/:guid',
      'GET /events/v1/ping/:event_type',
      'GET /events/v1/chargeback/:guid',
      'GET /events/v1/prevention/:guid',
      'GET /events/v1/order/:guid',
    ],
    'Midigator Prevention API': ['POST /prevention/v1/prevention/:guid/resolution'],
    'refund gateway': ['POST /gateway/refunds', 'GET /gateway/refunds?order_id='],
  },
  inspect: {
    'GET /_sandbox/orders': 'the merged record of every order',
    'GET /_sandbox/orders/:order_id': 'one record, its newest 200 calls, the most in flight at once',
    'GET /_sandbox/requests?limit=': 'the newest calls of all kinds, without credentials',
    'GET /_sandbox/stats': 'calls, calls in flight, answers by status',
    'GET /_sandbox/alerts': 'every alert, its matched order, and what was answered to it',
    'GET /_sandbox/alerts/:guid': 'one alert',
    'GET /_sandbox/refunds?order_id=': 'the ledger of the refund gateway, and totals by order',
    'GET /_sandbox/subscriptions': 'who is subscribed to what, without passwords',
    'GET /_sandbox/deliveries': 'the newest 1,000 events and pings: attempts, answers, when delivered',
    'DELETE /_sandbox':
      'forgets orders, calls, figures, alerts, subscriptions, deliveries and refunds; faults and tokens stay',
  },
  drive: {
    'GET /_sandbox/scenarios': 'the scenarios by name',
    'POST /_sandbox/scenarios/:name':
      'plays one: { order_id?, amount?, currency?, arn?, card_first_6?, card_last_4?, reason_code?, prevention_timestamp?, spread_ms?, match?, refund? }',
    'POST /_sandbox/events': 'sends any event to the subscribers of its event_type',
    'POST /_sandbox/alerts': 'makes an alert without sending anything',
    'GET, PUT /_sandbox/delivery': 'how events travel: { duplicate?: 0 to 1, shuffleMs?, delayMs? }',
    'GET, PUT /_sandbox/gateway': 'how refunds go: { "rules": [{ order_id?, probability?, times?, behave }] }',
    'PUT /_sandbox/payments/:order_id': 'what was captured: { captured, currency }',
    'POST /_sandbox/payments/:order_id/refund': 'a refund made by hand in the back office: { amount }',
    'GET /_sandbox/faults': 'the fault rules in force, and how often each was drawn',
    'PUT /_sandbox/faults': 'replaces them: { "rules": [{ on?, orderId?, guid?, probability?, times?, fault }] }',
    'POST /_sandbox/revoke-tokens': 'forgets every token; { "revokeOnAuth": true } makes each new one end the others',
  },
}
