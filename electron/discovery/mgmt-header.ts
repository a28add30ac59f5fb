/**
 * The management capability header (docs/protocol.md §2):
 * `MGMT.IOTMC-ORG: 1; phase=commissioning; caps=enroll,config; id=0123456789abcdef`.
 * An unauthenticated hint. Pure.
 */
import type { ManagementClaim } from '../contract/device'
import { CLAIM_DIGITS } from '../contract/fingerprint'
import { CAPABILITIES, MGMT_HEADER_VERSION } from '../contract/names'
import { PHASES } from '../contract/phases'

export type ManagementHeader =
  | { readonly ok: true; readonly claim: ManagementClaim }
  | { readonly ok: false; readonly reason: 'bad-header' | 'other-version' }

const LENGTH_MAX = 512
const IDENTITY = new RegExp(`^[0-9a-f]{${CLAIM_DIGITS}}$`)
const PARAMETER = /^([a-z][a-z0-9-]*)\s*=\s*(.*)$/i
const BAD = { ok: false, reason: 'bad-header' } as const

/**
 * Reads the header. Unknown parameters and capabilities are left out, so that later minor additions do not
 * hide a device; an unknown phase, a malformed identity or a parameter said twice makes the whole header bad.
 */
export const parseManagementHeader = (text: string): ManagementHeader => {
  if (text.length > LENGTH_MAX) return BAD
  const [version = '', ...parts] = text.split(';').map((part) => part.trim())
  if (!/^\d{1,4}$/.test(version)) return BAD
  if (Number(version) !== MGMT_HEADER_VERSION) return { ok: false, reason: 'other-version' }
  const parameters = new Map<string, string>()
  for (const part of parts) {
    if (part === '') continue
    const match = PARAMETER.exec(part)
    const name = match?.[1]?.toLowerCase()
    if (name === undefined || parameters.has(name)) return BAD
    parameters.set(name, match?.[2] ?? '')
  }
  const phaseText = parameters.get('phase')
  const phase = PHASES.find((known) => known === phaseText)
  if (phaseText !== undefined && phase === undefined) return BAD
  const identity = parameters.get('id')?.toLowerCase()
  if (identity !== undefined && !IDENTITY.test(identity)) return BAD
  const said = new Set((parameters.get('caps') ?? '').split(',').map((name) => name.trim()))
  const claim: ManagementClaim = {
    version: MGMT_HEADER_VERSION,
    capabilities: CAPABILITIES.filter((name) => said.has(name)),
    ...(phase === undefined ? {} : { phase }),
    ...(identity === undefined ? {} : { identity }),
  }
  return { ok: true, claim }
}

/** Writes the header value; capabilities in the fixed order. */
export const encodeManagementHeader = (claim: Omit<ManagementClaim, 'version'>): string => {
  const caps = CAPABILITIES.filter((name) => claim.capabilities.includes(name))
  const parts = [
    String(MGMT_HEADER_VERSION),
    ...(claim.phase === undefined ? [] : [`phase=${claim.phase}`]),
    ...(caps.length === 0 ? [] : [`caps=${caps.join(',')}`]),
    ...(claim.identity === undefined ? [] : [`id=${claim.identity}`]),
  ]
  return parts.join('; ')
}
