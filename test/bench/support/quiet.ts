/** A log that says nothing, so that figures stand alone. */
export const quietLog = {
  info: (): void => undefined,
  warn: (): void => undefined,
  error: (data: object, text: string): void => console.error(text, data),
}
