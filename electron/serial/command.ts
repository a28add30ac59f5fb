/** Commands as data: where they live, what they take and what they answer. */
import { z } from 'zod'

export interface Command<Q, A> {
  /** For logs and errors. */
  readonly name: string
  readonly group: number
  readonly id: number
  readonly op: 'read' | 'write'
  readonly request: z.ZodType<Q>
  readonly answer: z.ZodType<A>
  /** How long a device may take, where the usual time is too short. */
  readonly timeoutMs?: number
}

/** Declares a command; what is in an answer beyond its schema is left out. */
export const defineCommand = <Q, A>(command: Command<Q, A>): Command<Q, A> => command

/** A byte string of a length within bounds. */
export const byteString = (min = 0, max = 65_535): z.ZodType<Uint8Array> =>
  z.custom<Uint8Array>(
    (value) => value instanceof Uint8Array && value.length >= min && value.length <= max,
    `a byte string of ${min} to ${max} bytes`,
  )

/** An integer that is never negative, 32 bits. */
export const uint = z.number().int().min(0).max(0xffff_ffff)

/** A command without fields. */
export const nothing = z.object({})
