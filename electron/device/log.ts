/** One JSON object a line on stderr. Facts are public ones: no keys, codes or credentials. */
export type DeviceLog = (event: string, facts?: Readonly<Record<string, unknown>>) => void

/** Writes to stderr; a reader that has gone away is no reason to stop. */
export const stderrLog: DeviceLog = (event, facts = {}) => {
  process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), event, ...facts })}\n`)
}
