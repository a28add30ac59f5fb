import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { IotmcError } from '../contract/errors'
import { makeAside } from './aside'
import { writeFileDurably } from './atomic-file'
import { Authority } from './authority'
import { Vault } from './vault'

/** Not a secret: the practice factory only makes practice devices, and a real site does not trust its root. */
const PASSPHRASE = 'practice-only'
const COST = 2 ** 14
const NAME = 'practice-factory'

/**
 * The practice factory in `dir`, made if it is missing; its root certificate is `dir/root.pem`. Several processes may
 * open it at once: one makes it, all get the same. Throws DATA_DAMAGED.
 */
export const openPracticeFactory = async (dir: string): Promise<Authority> => {
  if (!Vault.exists(dir)) await make(dir)
  const authority = await Authority.open(await Vault.open(dir, { passphrase: PASSPHRASE }), NAME)
  if (!authority)
    throw new IotmcError('DATA_DAMAGED', { subject: dir, detail: 'the practice factory has no key' })
  const root = join(dir, 'root.pem')
  if (!existsSync(root) || readFileSync(root, 'utf8') !== authority.certificatePem)
    writeFileDurably(root, authority.certificatePem, 0o644)
  return authority
}

// Whole or not at all, so that nobody ever sees half a factory.
const make = (dir: string): Promise<boolean> =>
  makeAside(dir, async (aside) => {
    const vault = await Vault.create(aside, { passphrase: PASSPHRASE, scryptCost: COST })
    const authority = await Authority.create(vault, NAME, {
      commonName: 'IoTMC practice factory',
      years: 40,
      pathLen: 0,
    })
    writeFileDurably(join(aside, 'root.pem'), authority.certificatePem, 0o644)
  })
