/** Closes a switch over a union: a case that was forgotten becomes a compile error. */
export const assertNever = (value: never): never => {
  throw new Error(`Unhandled case: ${JSON.stringify(value)}`)
}
