/** Takes the lock of `<folder>`, says `held` or the error's code and detail, and keeps it until it is killed. */
import { join } from 'node:path'
import { asIotmcError } from '../../electron/contract/errors'
import { acquireLock } from '../../electron/store/lock'

try {
  acquireLock(join(process.argv[2] ?? '', 'lock'))
  console.log('held')
  setInterval(() => undefined, 1_000)
} catch (thrown) {
  const { code, detail } = asIotmcError(thrown)
  console.log(`${code} ${detail}`)
}
