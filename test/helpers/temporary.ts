/** One temporary folder for all files of a test run, which goes when it ends: nothing is left on the machine. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const setup = (): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'iotmc-'))
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = folder
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}
