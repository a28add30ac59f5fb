import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { IotmcError } from '../contract/errors'
import { Vault } from './vault'

/**
 * Makes a folder with a vault in it whole or not at all: `fill` works in a folder beside it, which is then moved into
 * place. Gives false where another was first. Throws DATA_DAMAGED if it can not be put there, and what `fill` throws.
 */
export const makeAside = async (dir: string, fill: (aside: string) => Promise<void>): Promise<boolean> => {
  mkdirSync(dirname(dir), { recursive: true })
  const aside = `${dir}.new-${process.pid}-${randomBytes(4).toString('hex')}`
  try {
    await fill(aside)
    return moveInto(aside, dir)
  } finally {
    rmSync(aside, { recursive: true, force: true })
  }
}

const moveInto = (aside: string, dir: string): boolean => {
  try {
    // An empty folder in the way holds nothing; Windows would not replace it.
    if (existsSync(dir)) rmdirSync(dir)
    renameSync(aside, dir)
    return true
  } catch (cause) {
    if (Vault.exists(dir)) return false
    throw new IotmcError('DATA_DAMAGED', { subject: dir, detail: 'it can not be made here', cause })
  }
}
