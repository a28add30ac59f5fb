/** The boot step of a bootloader that keeps one image only: what was marked replaces what ran, once it was verified. Pure. */
import {
  applyBank,
  type BankTable,
  type BootChoice,
  chooseBoot,
  type Slot,
  standbySlot,
} from '../contract/banks'

/** The option of the boot step that asks for it. */
export const OVERWRITE = '--overwrite'

/** As `chooseBoot`, but nothing of the old image is left. One that does not verify is rejected, and the old one stays. */
export const chooseOverwrite = (table: BankTable, verifies: (slot: Slot) => boolean): BootChoice => {
  const slot = standbySlot(table)
  if (table.trial?.manner !== 'once' || table.trial.phase !== 'armed' || !verifies(slot))
    return chooseBoot(table, verifies)
  const step = applyBank(table, { type: 'overwritten' })
  return step.ok ? { table: step.table, slot } : chooseBoot(table, verifies)
}
