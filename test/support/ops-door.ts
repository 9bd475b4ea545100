import { OPS_PASSWORD, OPS_USERNAME } from './fleet.ts'

/** The operations door of a fleet, as the operator uses it. */
export interface OpsDoor {
  /** The text of a page or route, whatever its status. */
  read(path: string): Promise<string>
  /** Presses a button. */
  press(path: string): Promise<{ status: number; body: unknown }>
  /** The value of one sample of `/metrics`, such as `order_sync_orders{state="dirty"}`; NaN when it is not there. */
  metric(sample: string): Promise<number>
}

export function opsDoor(url: string): OpsDoor {
  const authorization = `Basic ${Buffer.from(`${OPS_USERNAME}:${OPS_PASSWORD}`).toString('base64')}`
  const read = async (path: string): Promise<string> => {
    const answer = await fetch(`${url}${path}`, { headers: { authorization } })
    return answer.text()
  }
  return {
    read,
    async press(path) {
      const headers = { authorization, 'content-type': 'application/json', 'x-order-sync': '1' }
      const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: '{}' })
      return { status: answer.status, body: await answer.json() }
    },
    async metric(sample) {
      const line = (await read('/metrics')).split('\n').find(text => text.startsWith(`${sample} `))
      return line === undefined ? Number.NaN : Number(line.slice(sample.length))
    },
  }
}
