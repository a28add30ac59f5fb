/** Who is let in: a pure decision over one request, the site's policy and what the technician has said. */
import type { EnrollmentPolicy, ExpectedDevice } from '../contract/enrollment'

export interface Applicant {
  readonly udn: string
  readonly model: string
  readonly serialNumber: string
}

export type Decision =
  | {
      readonly status: 'Approved'
      readonly group: string
      readonly because: 'technician' | 'expected' | 'rule'
    }
  | { readonly status: 'Pending' }
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

const isExpected = (entry: ExpectedDevice, applicant: Applicant): boolean => {
  if (!entry.udn && !entry.serialNumber) return false
  return (
    (!entry.udn || entry.udn === applicant.udn) &&
    (!entry.serialNumber || entry.serialNumber === applicant.serialNumber)
  )
}

/**
 * Decides an enrolment (docs/protocol.md §5). A person's word wins over the policy; without one, zero-touch lets in
 * what is on the expected list or fits a rule, and everything else waits for a person.
 */
export const decide = (applicant: Applicant, standing: Standing): Decision => {
  const { policy, expected, verdict } = standing
  if (verdict) {
    return verdict.approved
      ? { status: 'Approved', group: verdict.group, because: 'technician' }
      : { status: 'Rejected' }
  }
  if (policy.mode === 'manual') return { status: 'Pending' }
  const plan = expected.find((entry) => isExpected(entry, applicant))
  if (plan) return { status: 'Approved', group: plan.group ?? policy.defaultGroup, because: 'expected' }
  const rule = policy.rules.find(
    (entry) =>
      matchesPattern(entry.model, applicant.model) && matchesPattern(entry.serial, applicant.serialNumber),
  )
  if (rule) return { status: 'Approved', group: rule.group || policy.defaultGroup, because: 'rule' }
  return { status: 'Pending' }
}
