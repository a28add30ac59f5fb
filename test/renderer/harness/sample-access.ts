/** Accounts and audit lines of the made-up site. */
import type { Account, AuditCheck, AuditLine } from '../../../electron/contract/access'

export interface AccessSample {
  readonly accounts: readonly (Account & { readonly secret: string })[]
  readonly waitS: number
  readonly idleMinutes: number
  readonly audit: readonly AuditLine[]
  readonly check: AuditCheck
}

export const STAFF: AccessSample['accounts'] = [
  { name: 'Ines Sample', role: 'supervisor', secret: '246810' },
  { name: 'Technician 4', role: 'technician', secret: 'a long phrase' },
  { name: 'Technician 9', role: 'technician', secret: '135791' },
  { name: 'Night shift', role: 'viewer', secret: '112233' },
]

const DONE: readonly (readonly [string, number, string | undefined])[] = [
  ['enrollment-approved', 1, 'technician: North hall'],
  ['configuration.applied', 2, 'version 5: report.interval, setpoint'],
  ['firmware.confirmed', 3, undefined],
  ['check.started', 4, 'self-test ping dns memory flash sensor'],
  ['certificate-renewed', 5, '4F:21:9C'],
  ['something-new', 6, 'an action that has no name in this window yet'],
]

/** `count` lines, newest first. */
export const auditLines = (count: number, nowMs: number, udns: readonly string[]): AuditLine[] =>
  Array.from({ length: count }, (_, index) => {
    const id = count - index
    const who = STAFF[id % 3]
    const [action, device, detail] = DONE[id % DONE.length] ?? ['sign-in', 1, undefined]
    const subject = udns[device % Math.max(udns.length, 1)] ?? 'uuid:00000000-0000-4000-8000-000000000000'
    const byDevice = action === 'certificate-renewed'
    return {
      id,
      atMs: nowMs - index * 613_000,
      actor: byDevice ? subject : (who?.name ?? 'Technician 4'),
      ...(byDevice || !who ? {} : { role: who.role }),
      action,
      subject,
      ...(detail ? { detail } : {}),
      hash: id.toString(16).padStart(64, '0'),
    }
  })

/** Nobody has to sign in; the audit has some lines. */
export const accessSample = (nowMs: number, udns: readonly string[]): AccessSample => ({
  accounts: [],
  waitS: 0,
  idleMinutes: 15,
  audit: auditLines(430, nowMs, udns),
  check: { ok: true, lines: 430 },
})
