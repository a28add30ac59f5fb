/** A log that keeps its lines for the test to look at. */
export const keepingLog = () => {
  const lines: { level: string; fields: object; text: string }[] = []
  const at = (level: string) => (fields: object, text: string) => {
    lines.push({ level, fields, text })
  }
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
