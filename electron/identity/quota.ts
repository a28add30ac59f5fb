/** How many certificates an authority may issue, as its issuer wrote it into its certificate. */
import * as asn1js from 'asn1js'
import { Certificate, Extension } from 'pkijs'
import { IotmcError } from '../contract/errors'
import { parseAsn1, reading } from './asn1'
import { OID } from './oids'

const QUOTA_MAX = 2 ** 31 - 1

/** The extension, not critical: whoever does not know it passes it over. Throws VALUE_INVALID unless 1 … 2³¹ − 1. */
export const quotaExtension = (quota: number): Extension => {
  if (!isQuota(quota)) throw new IotmcError('VALUE_INVALID', { detail: 'not a number of certificates' })
  return new Extension({
    extnID: OID.issuanceQuota,
    critical: false,
    extnValue: new asn1js.Integer({ value: quota }).toBER(),
  })
}

/** The quota in a certificate (DER); undefined where none is set. Throws CERTIFICATE_INVALID. */
export const quotaOf = (der: Uint8Array): number | undefined =>
  reading('CERTIFICATE_INVALID', 'damaged quota', () => {
    const { extensions } = new Certificate({ schema: parseAsn1(der, 'CERTIFICATE_INVALID') })
    const found = extensions?.find(({ extnID }) => extnID === OID.issuanceQuota || extnID === READ_AS)
    if (!found) return undefined
    const value = parseAsn1(found.extnValue.valueBlock.valueHexView, 'CERTIFICATE_INVALID')
    const quota = value instanceof asn1js.Integer ? Number(value.toBigInt()) : Number.NaN
    if (!isQuota(quota)) throw new IotmcError('CERTIFICATE_INVALID', { detail: 'damaged quota' })
    return quota
  })

const isQuota = (quota: number): boolean => Number.isInteger(quota) && quota >= 1 && quota <= QUOTA_MAX

// asn1js keeps an arc of 128 bits as bytes and writes it in its own way.
const READ_AS = (
  asn1js.fromBER(new asn1js.ObjectIdentifier({ value: OID.issuanceQuota }).toBER())
    .result as asn1js.ObjectIdentifier
).getValue()
