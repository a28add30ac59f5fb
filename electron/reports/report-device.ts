/** One device of a report: only what it proved or told over a trusted connection. What is not known is left out. Pure. */
import type { Device } from '../contract/device'
import type { Enrollment } from '../contract/enrollment'
import type { ReportDevice } from '../contract/report'
import type { HealthCheck } from '../contract/self-test'
import type { JobOutcome } from './answered-jobs'
import { isoTime } from './times'

export interface DeviceFactsForReport {
  readonly device: Device
  readonly enrollment: Enrollment | undefined
  readonly check: HealthCheck | undefined
  /** Its newest failure that nothing has answered. */
  readonly failed: JobOutcome | undefined
}

export const reportDevice = ({ device, enrollment, check, failed }: DeviceFactsForReport): ReportDevice => {
  const { proven, firmware, health } = device
  // What a packet claims is a hint; only a device that showed its identity has said it.
  const isProven = proven !== undefined || enrollment?.state === 'confirmed'
  return {
    udn: device.udn,
    name: device.name,
    ...known('model', isProven || enrollment ? (enrollment?.model ?? device.model) : undefined),
    ...known('serialNumber', proven?.serialNumber || enrollment?.serialNumber),
    ...known('group', device.group),
    ...known('phase', isProven ? device.phase : undefined),
    state: device.state,
    online: device.online,
    ...known('lastSeen', device.lastSeenMs > 0 ? isoTime(device.lastSeenMs) : undefined),
    ...known('firmwareVersion', isProven ? device.firmwareVersion : undefined),
    ...known('activeBank', firmware?.activeBank),
    bankStates: (firmware?.banks ?? []).map(({ slot, state, version }) => ({
      slot,
      state,
      ...known('version', version),
    })),
    ...known('configurationVersion', device.configurationVersion),
    ...known('certificate', certificateOf(device, enrollment)),
    ...known('health', health && { level: health.level, alarms: [...health.alarms] }),
    ...known('check', check && checkOf(check)),
    ...known(
      'failed',
      failed && { job: failed.kind, code: failed.error?.code ?? 'DEFECT', at: isoTime(failed.updatedAtMs) },
    ),
  }
}

const certificateOf = ({ proven }: Device, enrollment: Enrollment | undefined): ReportDevice['certificate'] =>
  proven && {
    kind: proven.kind,
    // Of the certificate, not of the device; only this site's own are on record by it.
    serialNumber: proven.kind === 'LDevID' ? (enrollment?.ldevidSerial ?? '') : '',
    fingerprint: proven.fingerprint,
    notAfter: proven.notAfter,
  }

const checkOf = ({ startedAtMs, endedAtMs, verdict, findings }: HealthCheck): ReportDevice['check'] => ({
  at: isoTime(endedAtMs ?? startedAtMs),
  verdict: verdict ?? 'unknown',
  findings: findings.map(({ finding }) => finding),
})

const known = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]?: V })
