import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new empty folder; call `remove` when done. */
export const makeTempDir = (prefix = 'iotmc-'): { readonly path: string; remove(): void } => {
  const path = mkdtempSync(join(tmpdir(), prefix))
  return {
    path,
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }),
  }
}
