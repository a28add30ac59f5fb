/**
 * The image group as MCUboot's devices serve it: an upload that obeys its own offset, a listing of both slots, erase.
 * An image is listed once all of it has arrived, whatever is in it; it is never called verified. Marking an image for a
 * test is not implemented and is refused.
 */
import { createHash } from 'node:crypto'
import { IMAGE_RC, SMP_GROUP } from '../contract/smp'
import { SmpRefusal } from '../serial/refusal'
import { hasImageMagic, isHigher, readImageHeader, statedHash, versionText } from './mcuboot-image'
import { BANK_BYTES, type StandbyBank } from './standby-bank'

const refuseImage = (reason: keyof typeof IMAGE_RC): SmpRefusal =>
  new SmpRefusal(SMP_GROUP.image, IMAGE_RC[reason])

export interface ImagePart {
  readonly off: number
  readonly data: Uint8Array
  readonly len?: number | undefined
  readonly sha?: Uint8Array | undefined
  readonly image?: number | undefined
  readonly upgrade?: boolean | undefined
}

/** What runs now: it has no file, so its hash stands for model and version. */
export interface RunningImage {
  readonly model: string
  readonly firmwareVersion: string
}

const slot = (number: number, version: string, hash: Uint8Array, running: boolean, bootable: boolean) => ({
  image: 0,
  slot: number,
  version,
  hash,
  bootable,
  pending: false,
  confirmed: running,
  active: running,
  permanent: false,
})

const sha256 = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest()

/** Both slots, the second where something whole lies in it. */
export const imageState = (running: RunningImage, bank: StandbyBank) => {
  const { model, firmwareVersion } = running
  const images = [slot(0, firmwareVersion, sha256(`${model} ${firmwareVersion}`), true, true)]
  const content = bank.content()
  const header = readImageHeader(content)
  if (header) {
    const hash = statedHash(content) ?? sha256(content)
    images.push(slot(1, versionText(header.version), hash, false, header.bootable))
  }
  return { images, splitStatus: 0 }
}

/** Takes a part of an image. The answer says where the next one begins; `match` says whether all of it has the hash. */
export const takeImage = (running: RunningImage, bank: StandbyBank, part: ImagePart) => {
  if ((part.image ?? 0) !== 0) throw refuseImage('noFreeSlot')
  if (part.off === 0) {
    const off = beginImage(running, bank, part)
    if (off > 0) return { off }
  }
  const { plan, received } = bank
  if (!plan || part.off !== received || bank.complete) return { off: received }
  if (received + part.data.length > plan.length) throw refuseImage('imageTooLarge')
  bank.append(part.data)
  if (!bank.complete || !plan.sha256) return { off: bank.received }
  return { off: bank.received, match: sha256(bank.content()).toString('hex') === plan.sha256 }
}

/** Where an upload begins: further on, when the same one was interrupted. */
const beginImage = (running: RunningImage, bank: StandbyBank, part: ImagePart): number => {
  const data = Buffer.from(part.data)
  const { len = 0, sha, upgrade } = part
  if (len < 1 || len > BANK_BYTES) throw refuseImage('imageTooLarge')
  if (!hasImageMagic(data)) throw refuseImage('badMagic')
  const header = readImageHeader(data)
  if (upgrade && header && !isHigher(header.version, running.firmwareVersion))
    throw refuseImage('versionNotHigher')
  const hash = sha && sha.length === 32 ? Buffer.from(sha).toString('hex') : undefined
  const { plan } = bank
  if (hash && plan?.sha256 === hash && plan.length === len) return bank.received
  bank.begin({ length: len, ...(hash ? { sha256: hash } : {}) })
  return 0
}

/** Sizes of both slots. */
export const imageSlots = () => ({
  images: [
    {
      image: 0,
      slots: [
        { slot: 0, size: BANK_BYTES },
        { slot: 1, size: BANK_BYTES, upload_image_id: 0 },
      ],
      max_image_size: BANK_BYTES,
    },
  ],
})
