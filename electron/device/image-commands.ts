/**
 * The image group with MCUboot's manners: an upload that obeys its own offset, a listing of both slots, test, confirm,
 * erase. An image is listed once all of it has arrived, whatever is in it; it is never called verified: that is the boot
 * step's, which alone rejects a corrupt one.
 */
import { createHash } from 'node:crypto'
import { activeSlot, otherSlot, type Slot, standbySlot } from '../contract/banks'
import { IotmcError } from '../contract/errors'
import { IMAGE_RC, SMP_GROUP, SMP_RC } from '../contract/smp'
import { hasImageMagic, type ImageVersion, isHigher, readImageHeader, versionText } from '../firmware/mcuboot'
import { SmpRefusal } from '../serial/refusal'
import { readBankImage } from './bank-image'
import type { BankStore } from './bank-store'
import type { BankUpload } from './bank-upload'

const refuseImage = (reason: keyof typeof IMAGE_RC): SmpRefusal =>
  new SmpRefusal(SMP_GROUP.image, IMAGE_RC[reason])

export interface ImageTools {
  readonly banks: BankStore
  readonly upload: BankUpload
  /** Whether an update by network writes to the standby bank, or is about to start it. */
  readonly isTaken: () => boolean
  /** Whether the image of the active bank runs: where it does not start, what answers here is the bootloader's rescue. */
  readonly isRunning: () => boolean
}

export interface ImagePart {
  readonly off: number
  readonly data: Uint8Array
  readonly len?: number | undefined
  readonly sha?: Uint8Array | undefined
  readonly image?: number | undefined
  readonly upgrade?: boolean | undefined
}

/** A bank as the listing names it. */
interface Listed {
  readonly bank: Slot
  readonly version: string
  readonly hash: Buffer
  readonly bootable: boolean
  readonly active: boolean
  readonly confirmed: boolean
  readonly pending: boolean
}

/** Both banks, the running one first; the other where something whole lies in it. */
const listed = ({ banks, upload, isRunning }: ImageTools): readonly Listed[] => {
  const { table } = banks
  const active = activeSlot(table)
  return [active, otherSlot(active)].flatMap((slot) => {
    const { state, version = '0.0.0', sha256 = '' } = table.banks[slot]
    const isWhole = state === 'valid' || (state === 'writing' && upload.complete)
    if (slot !== active && !isWhole) return []
    const image = readBankImage(banks.paths(slot).image)
    return [
      {
        bank: slot,
        version: image ? versionText(image.header.version) : version,
        // A program without MCUboot's form states no hash of its own.
        hash: image?.hash ?? hashOf(sha256),
        bootable: image?.header.bootable ?? true,
        active: slot === active && isRunning(),
        confirmed: slot === table.confirmed,
        pending: slot !== active && slot === standbySlot(table) && table.trial?.phase === 'armed',
      },
    ]
  })
}

const hashOf = (sha256: string): Buffer =>
  /^[0-9a-f]{64}$/.test(sha256) ? Buffer.from(sha256, 'hex') : createHash('sha256').update(sha256).digest()

/** As `image state` answers. Slot 0 is what runs, as where a bootloader swaps. */
export const imageState = (tools: ImageTools) => ({
  images: listed(tools).map(({ bank: _, ...image }, slot) => ({
    image: 0,
    slot,
    ...image,
    permanent: false,
  })),
  splitStatus: 0,
})

/** Marks an image for one test, or keeps the running one for good. */
export const setImageState = (
  tools: ImageTools,
  wanted: { readonly hash?: Uint8Array | undefined; readonly confirm?: boolean | undefined },
) => {
  const { hash, confirm = false } = wanted
  if (!hash && !confirm) throw new SmpRefusal(undefined, SMP_RC.invalid)
  const target = hash ? listed(tools).find((one) => one.hash.equals(hash)) : listed(tools)[0]
  if (!target) throw refuseImage('hashNotFound')
  // What never ran can not be confirmed: it may be anything.
  if (confirm && !target.active) throw refuseImage('confirmationDenied')
  if (!confirm && target.active) throw refuseImage('testOfActive')
  ruled(() => (confirm ? keep(tools) : mark(tools, target)))
  return imageState(tools)
}

const keep = ({ banks }: ImageTools): void => {
  if (banks.table.trial?.phase === 'running') banks.apply({ type: 'confirmed' })
}

const mark = ({ banks, upload, isTaken }: ImageTools, target: Listed): void => {
  const { trial } = banks.table
  if (trial && !target.pending) throw refuseImage('alreadyPending')
  if (trial) return
  if (isTaken()) throw refuseImage('noFreeSlot')
  if (banks.table.banks[target.bank].state === 'writing') {
    upload.close()
    const { sha256 = '', version = '' } = banks.table.banks[target.bank]
    const securityVersion = readBankImage(banks.paths(target.bank).image)?.securityCounter ?? 0
    banks.apply({ type: 'write-begun', version, sha256, securityVersion })
    banks.apply({ type: 'write-verified' })
  }
  banks.apply({ type: 'armed', manner: 'once', neededS: 0 })
}

/** Takes a part of an image. The answer says where the next one begins; `match` says whether all of it has the hash. */
export const takeImage = (tools: ImageTools, part: ImagePart) => {
  const { upload } = tools
  if ((part.image ?? 0) !== 0) throw refuseImage('noFreeSlot')
  if (part.off === 0) {
    const off = begin(tools, part)
    if (off > 0) return { off, ...(upload.complete ? { match: true } : {}) }
  }
  const { received, left } = upload
  if (left === 0 || part.off !== received) return { off: received }
  if (part.data.length > left) throw refuseImage('imageTooLarge')
  const match = ruled(() => upload.append(part.data))
  return { off: upload.received, ...(match === undefined ? {} : { match }) }
}

/** Where an upload begins: further on, when the same one was interrupted. */
const begin = ({ banks, upload, isTaken }: ImageTools, part: ImagePart): number => {
  const data = Buffer.from(part.data)
  const { len = 0, sha, upgrade } = part
  if (len < 1 || len > banks.bankBytes) throw refuseImage('imageTooLarge')
  if (!hasImageMagic(data)) throw refuseImage('badMagic')
  const header = readImageHeader(data)
  if (!header) throw refuseImage('badHeader')
  const { version: running = '0.0.0' } = banks.table.banks[banks.active]
  if (upgrade && !isHigher(header.version, running)) throw refuseImage('versionNotHigher')
  // The slot holds the way back, or what is about to be tried.
  if (banks.table.trial || isTaken()) throw refuseImage('noFreeSlot')
  const sha256 = sha?.length === 32 ? Buffer.from(sha).toString('hex') : undefined
  return ruled(() => upload.begin({ length: len, sha256, version: semverOf(header.version) }))
}

/** As the banks name it: what MCUboot counts builds by stands behind a plus. */
const semverOf = (version: ImageVersion): string => {
  const [major, minor, revision, build] = version
  return `${major}.${minor}.${revision}${build > 0 ? `+${build}` : ''}`
}

/** Empties the slot that does not run. */
export const eraseImage = ({ banks, upload, isTaken }: ImageTools, slot: number): void => {
  if (slot !== 1) throw new SmpRefusal(undefined, SMP_RC.invalid)
  if (banks.table.trial || isTaken()) throw refuseImage('noFreeSlot')
  ruled(() => upload.erase())
}

/** Sizes of both slots. */
export const imageSlots = ({ banks: { bankBytes } }: ImageTools) => ({
  images: [
    {
      image: 0,
      slots: [
        { slot: 0, size: bankBytes },
        { slot: 1, size: bankBytes, upload_image_id: 0 },
      ],
      max_image_size: bankBytes,
    },
  ],
})

/** Runs what the banks' rules may refuse, and says so in the protocol's words. */
const ruled = <T>(work: () => T): T => {
  try {
    return work()
  } catch (thrown) {
    if (!(thrown instanceof IotmcError)) throw thrown
    if (thrown.code === 'NO_STANDBY_BANK') throw refuseImage('noFreeSlot')
    if (thrown.code === 'SECURITY_VERSION_TOO_LOW') throw refuseImage('versionNotHigher')
    if (thrown.code === 'NO_SPACE') throw new SmpRefusal(undefined, SMP_RC.noMemory)
    if (thrown.code === 'BUSY') throw new SmpRefusal(undefined, SMP_RC.busy)
    throw thrown
  }
}
