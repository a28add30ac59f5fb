/** Labels: their sizes, and the text in their QR code (docs/protocol.md §9). */
import { z } from 'zod'

/** Millimetres. A sheet holds columns × rows labels with equal gaps after the margins. */
export const LABEL_SIZES = {
  'single-62x29': { widthMm: 62, heightMm: 29 },
  'single-50x25': { widthMm: 50, heightMm: 25 },
  'single-100x50': { widthMm: 100, heightMm: 50 },
  'sheet-a4-3x8': {
    widthMm: 63.5,
    heightMm: 33.9,
    sheet: {
      widthMm: 210,
      heightMm: 297,
      columns: 3,
      rows: 8,
      leftMm: 7.25,
      topMm: 12.9,
      gapXMm: 2.5,
      gapYMm: 0,
    },
  },
  'sheet-letter-3x10': {
    widthMm: 66.7,
    heightMm: 25.4,
    sheet: {
      widthMm: 215.9,
      heightMm: 279.4,
      columns: 3,
      rows: 10,
      leftMm: 4.8,
      topMm: 12.7,
      gapXMm: 3.1,
      gapYMm: 0,
    },
  },
} as const
export const LABEL_SIZE_NAMES = Object.keys(LABEL_SIZES) as readonly string[] as readonly [
  keyof typeof LABEL_SIZES,
  ...(keyof typeof LABEL_SIZES)[],
]
export type LabelSize = keyof typeof LABEL_SIZES

export const labelSettingsSchema = z.object({
  size: z.enum(LABEL_SIZE_NAMES),
  /** As the operating system names it; absent = its default printer. */
  printer: z.string().max(200).optional(),
})

/** What a device's label carries. The setup code makes it a secret until the device is in operation. */
export interface LabelFacts {
  readonly udn: string
  readonly serialNumber: string
  readonly setupCode: string
}

/** `IOTMC1:<UDN without "uuid:">:<serial number>:<setup code>`: plain characters that every scanner types as they are. */
export const labelText = ({ udn, serialNumber, setupCode }: LabelFacts): string =>
  `IOTMC1:${udn.replace(/^uuid:/, '')}:${serialNumber}:${setupCode}`

/** Crockford's base 32, eight of them, as the code of a label. */
const SETUP_CODE_ALONE = /^[0-9A-HJKMNP-TV-Z]{8}$/i

/** Whether a text may be a bare setup code, which is a secret. A serial number may have that shape: ask for known ones first. */
export const looksLikeSetupCode = (text: string): boolean => SETUP_CODE_ALONE.test(text.trim())

const LABEL =
  /^IOTMC1:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):([A-Za-z0-9][A-Za-z0-9.-]{0,39}):([0-9A-Z]{8})$/i

/** The facts in a scanned label text, undefined for anything else. */
export const readLabelText = (text: string): LabelFacts | undefined => {
  const [, uuid, serialNumber, setupCode] = LABEL.exec(text.trim()) ?? []
  if (!uuid || !serialNumber || !setupCode) return undefined
  return { udn: `uuid:${uuid.toLowerCase()}`, serialNumber, setupCode: setupCode.toUpperCase() }
}
