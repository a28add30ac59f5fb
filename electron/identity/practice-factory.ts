import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { IotmcError } from '../contract/errors'
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

// Made aside and moved into place whole, so that nobody ever sees half a factory.
const make = async (dir: string): Promise<void> => {
  mkdirSync(dirname(dir), { recursive: true })
  const aside = `${dir}.new-${process.pid}-${randomBytes(4).toString('hex')}`
  try {
    const vault = await Vault.create(aside, { passphrase: PASSPHRASE, scryptCost: COST })
    const authority = await Authority.create(vault, NAME, {
      commonName: 'IoTMC practice factory',
      years: 40,
      pathLen: 0,
    })
    writeFileDurably(join(aside, 'root.pem'), authority.certificatePem, 0o644)
    moveInto(aside, dir)
  } finally {
    rmSync(aside, { recursive: true, force: true })
  }
}

const moveInto = (aside: string, dir: string): void => {
  try {
    // An empty folder in the way is no factory; Windows would not replace it.
    if (existsSync(dir)) rmdirSync(dir)
    renameSync(aside, dir)
  } catch (cause) {
    if (Vault.exists(dir)) return
    throw new IotmcError('DATA_DAMAGED', {
      subject: dir,
      detail: 'the practice factory can not be made here',
      cause,
    })
  }
}
