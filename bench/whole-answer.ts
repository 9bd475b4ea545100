/** The body of an answer once all of it is there, null before; what the senders need of HTTP and no more. */
export function bodyOf(answer: string): string | null {
  const head = answer.indexOf('\r\n\r\n')
  if (head === -1) return null
  const length = Number(/content-length: (\d+)/i.exec(answer.slice(0, head))?.[1] ?? 0)
  return answer.length >= head + 4 + length ? answer.slice(head + 4) : null
}
