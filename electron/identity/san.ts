import type * as asn1js from 'asn1js'
import { GeneralNames } from 'pkijs'
import type { ErrorCode } from '../contract/errors'
import { parseAsn1, reading } from './asn1'
import type { HardwareModule } from './extensions'
import { OID } from './oids'

export interface AltNames {
  readonly uris: readonly string[]
  readonly hardwareModuleName?: HardwareModule
}

/** URIs and the hardwareModuleName of a subjectAltName value; other name forms are passed over. Throws `code`. */
export const readSubjectAltName = (value: Uint8Array, code: ErrorCode): AltNames =>
  reading(code, 'damaged subject alternative name', () => {
    const names = new GeneralNames({ schema: parseAsn1(value, code) }).names
    const uris = names.filter((name) => name.type === 6).map((name) => String(name.value))
    const hardware = names.filter((name) => name.type === 0).map((name) => readHardwareModule(name.value as Block))
    const hardwareModuleName = hardware.find((found) => found !== undefined)
    return { uris, ...(hardwareModuleName ? { hardwareModuleName } : {}) }
  })

type Block = asn1js.BaseBlock & { valueBlock: { value?: Block[]; valueHexView?: Uint8Array; toString(): string } }

// OtherName ::= { type-id, [0] EXPLICIT HardwareModuleName ::= SEQUENCE { hwType OID, hwSerialNum OCTET STRING } }
const readHardwareModule = (other: Block): HardwareModule | undefined => {
  const [typeId, explicit] = other.valueBlock.value ?? []
  if (typeId?.valueBlock.toString() !== OID.hardwareModuleName) return undefined
  const [type, serial] = explicit?.valueBlock.value?.[0]?.valueBlock.value ?? []
  const bytes = serial?.valueBlock.valueHexView
  if (!type || !bytes) return undefined
  return { type: type.valueBlock.toString(), serial: Buffer.from(bytes).toString('utf8') }
}
