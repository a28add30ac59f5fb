import * as asn1js from 'asn1js'
import type { ErrorCode } from '../contract/errors'
import { bytesOf, CONTEXT, childrenOf, parseAsn1, reading } from './asn1'
import type { HardwareModule } from './extensions'
import { OID } from './oids'

export interface AltNames {
  readonly uris: readonly string[]
  readonly hardwareModuleName?: HardwareModule
}

const URI_TAG = 6
const OTHER_NAME_TAG = 0

/** URIs and the hardwareModuleName of a subjectAltName value; other name forms are passed over. Throws `code`. */
export const readSubjectAltName = (value: Uint8Array, code: ErrorCode): AltNames =>
  reading(code, 'damaged subject alternative name', () => {
    // Read with asn1js: GeneralNames of pkijs builds the schema of all nine forms for each name, ten times slower.
    const names = childrenOf(parseAsn1(value, code))
    const tagged = (tag: number) =>
      names.filter(({ idBlock }) => idBlock.tagClass === CONTEXT && idBlock.tagNumber === tag)
    const uris = tagged(URI_TAG).map((name) => Buffer.from(bytesOf(name) ?? []).toString('latin1'))
    const [hardwareModuleName] = tagged(OTHER_NAME_TAG)
      .map(readHardwareModule)
      .filter((found) => found !== undefined)
    return { uris, ...(hardwareModuleName ? { hardwareModuleName } : {}) }
  })

// OtherName ::= { type-id, [0] EXPLICIT HardwareModuleName ::= SEQUENCE { hwType OID, hwSerialNum OCTET STRING } }
const readHardwareModule = (other: asn1js.BaseBlock): HardwareModule | undefined => {
  const [typeId, explicit] = childrenOf(other)
  if (!(typeId instanceof asn1js.ObjectIdentifier) || typeId.getValue() !== OID.hardwareModuleName)
    return undefined
  const [sequence] = explicit ? childrenOf(explicit) : []
  const [type, serial] = sequence ? childrenOf(sequence) : []
  if (!(type instanceof asn1js.ObjectIdentifier) || !(serial instanceof asn1js.OctetString)) return undefined
  return { type: type.getValue(), serial: Buffer.from(serial.valueBlock.valueHexView).toString('utf8') }
}
