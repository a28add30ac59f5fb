/** Runs the openssl command, the judge of what this program writes and reads. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeTempDir } from '../helpers/temp-dir'

export interface OpensslResult {
  readonly ok: boolean
  readonly output: string
}

export interface OpensslFolder {
  readonly path: string
  /** Writes a file and gives its path. */
  file(name: string, content: string | Buffer): string
  /** Runs openssl in the folder; `output` has both streams. */
  run(...args: string[]): OpensslResult
  remove(): void
}

export const opensslFolder = (): OpensslFolder => {
  const temp = makeTempDir('iotmc-openssl-')
  return {
    path: temp.path,
    file: (name, content) => {
      writeFileSync(join(temp.path, name), content)
      return join(temp.path, name)
    },
    run: (...args) => {
      const { status, stdout, stderr, error } = spawnSync('openssl', args, {
        cwd: temp.path,
        encoding: 'utf8',
        // A long revocation list as text is more than the usual megabyte.
        maxBuffer: 64 * 1024 * 1024,
      })
      if (error) throw error
      return { ok: status === 0, output: stdout + stderr }
    },
    remove: temp.remove,
  }
}
