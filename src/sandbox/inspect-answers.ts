import type { FastifyReply } from 'fastify'
import { z } from 'zod'

/** The parsed value, or undefined after a 422 that names each field at fault. */
export function parsed<T>(schema: z.ZodType<T>, value: unknown, reply: FastifyReply): T | undefined {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const errors = result.error.issues.map(({ path, message }) => ({ field: z.core.toDotPath(path), message }))
  void reply.code(422).send({ code: 'invalid', message: 'not valid', errors })
  return undefined
}

/** Answers a refusal in the shape of all refusals here. */
export function refuse(reply: FastifyReply, status: number, code: string, message: string): void {
  void reply.code(status).send({ code, message, errors: [] })
}
