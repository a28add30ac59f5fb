/** Who is let in: a pure decision over one request, the site's policy and what the technician has said. */
import { type EnrollmentPolicy, type ExpectedDevice, isNamedByIdentity } from '../contract/enrollment'
import { plainFingerprint } from '../contract/fingerprint'

export interface Applicant {
  readonly udn: string
  readonly model: string
  readonly serialNumber: string
  /** SHA-256 of its factory certificate as it was proven, in any usual form. */
  readonly identityFingerprint: string
}

/** What of a device is not as the plan says. */
export type PlanConflict = 'identity' | 'model'

export type Decision =
  | {
      readonly status: 'Approved'
      readonly group: string
      readonly because: 'technician' | 'expected' | 'rule'
    }
  | { readonly status: 'Pending'; readonly conflict?: PlanConflict }
  | { readonly status: 'Rejected' }

export interface Standing {
  readonly policy: EnrollmentPolicy
  readonly expected: readonly ExpectedDevice[]
  /** What the technician has already said about this device. */
  readonly verdict?: { readonly approved: true; readonly group: string } | { readonly approved: false }
}

/** Text pattern with `*` for any run of characters; everything else is literal, case counts. */
export const matchesPattern = (pattern: string, text: string): boolean => {
  const [head = '', ...rest] = pattern.split('*')
  if (!text.startsWith(head)) return false
  if (rest.length === 0) return text === head
  const tail = rest.pop() ?? ''
  let from = head.length
  for (const part of rest) {
    const at = text.indexOf(part, from)
    if (at < 0) return false
    from = at + part.length
  }
  return text.length - tail.length >= from && text.endsWith(tail)
}

const isNamed = (
  entry: ExpectedDevice,
  applicant: Pick<Applicant, 'udn' | 'serialNumber' | 'identityFingerprint'>,
): boolean => {
  if (isNamedByIdentity(entry)) return entry.identity === plainFingerprint(applicant.identityFingerprint)
  if (!entry.udn && !entry.serialNumber) return false
  return (
    (!entry.udn || entry.udn === applicant.udn) &&
    (!entry.serialNumber || entry.serialNumber === applicant.serialNumber)
  )
}

/** How a device that an entry of the plan names differs from that entry. */
export const conflictWith = (
  { identity, model }: Pick<ExpectedDevice, 'identity' | 'model'>,
  applicant: Pick<Applicant, 'identityFingerprint' | 'model'>,
): PlanConflict | undefined => {
  if (identity && plainFingerprint(identity) !== plainFingerprint(applicant.identityFingerprint))
    return 'identity'
  return model && model !== applicant.model ? 'model' : undefined
}

/**
 * Decides an enrolment (docs/protocol.md §5). A person's word wins over the policy; without one, zero-touch lets in
 * what is on the expected list or fits a rule, and everything else waits for a person; so does a device that the plan
 * names with another factory certificate or model, whatever the rules are.
 */
export const decide = (applicant: Applicant, standing: Standing): Decision => {
  const { policy, expected, verdict } = standing
  if (verdict) {
    return verdict.approved
      ? { status: 'Approved', group: verdict.group, because: 'technician' }
      : { status: 'Rejected' }
  }
  if (policy.mode === 'manual') return { status: 'Pending' }
  const named = expected.filter((entry) => isNamed(entry, applicant))
  const conflict = named.map((entry) => conflictWith(entry, applicant)).find((one) => one !== undefined)
  if (conflict) return { status: 'Pending', conflict }
  const [plan] = named
  if (plan) return { status: 'Approved', group: plan.group ?? policy.defaultGroup, because: 'expected' }
  const rule = policy.rules.find(
    (entry) =>
      matchesPattern(entry.model, applicant.model) && matchesPattern(entry.serial, applicant.serialNumber),
  )
  if (rule) return { status: 'Approved', group: rule.group || policy.defaultGroup, because: 'rule' }
  return { status: 'Pending' }
}
