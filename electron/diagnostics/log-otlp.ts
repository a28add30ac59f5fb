/** Records as OTLP/JSON: ResourceLogs of opentelemetry-proto `logs/v1`, 64-bit numbers as texts, names in lowerCamelCase. */
import { SEVERITIES, type StoredRecord } from '../contract/device-log'

/** SeverityNumber of syslog severities 0–7 (OpenTelemetry logs data model, appendix B). */
export const OTLP_SEVERITY = [21, 19, 18, 17, 13, 10, 9, 5] as const

type Value =
  | { readonly stringValue: string }
  | { readonly intValue: string }
  | { readonly boolValue: boolean }
interface Attribute {
  readonly key: string
  readonly value: Value
}

const text = (key: string, stringValue: string): Attribute => ({ key, value: { stringValue } })
const integer = (key: string, value: number): Attribute => ({ key, value: { intValue: String(value) } })

/** The time of a device whose clock stands before 1970 is unknown, which is 0. */
const nanos = (timeMs: number): string => (timeMs > 0 ? `${timeMs}000000` : '0')

const logRecord = (record: StoredRecord) => ({
  timeUnixNano: nanos(record.timeMs),
  severityNumber: OTLP_SEVERITY[record.severity] ?? 0,
  severityText: SEVERITIES[record.severity] ?? '',
  body: { stringValue: record.message },
  attributes: [
    text('iotmc.component', record.component),
    text('iotmc.code', record.code),
    integer('iotmc.boot', record.boot),
    integer('iotmc.sequence', record.sequence),
    { key: 'iotmc.clock_synchronised', value: { boolValue: record.clockSynchronised } },
    ...Object.entries(record.data ?? {}).map(([key, value]) => text(`iotmc.data.${key}`, value)),
  ],
})

/** One entry of `resourceLogs`; the records are of one log, and at least one. */
export const otlpResource = (records: readonly StoredRecord[]) => ({
  resource: {
    attributes: [
      text('service.name', 'iotmc-device'),
      text('device.id', records[0]?.udn ?? ''),
      text('iotmc.log_id', records[0]?.logId ?? ''),
    ],
  },
  scopeLogs: [
    {
      scope: { name: 'urn:iotmc-org:service:Diagnostics', version: '1' },
      logRecords: records.map(logRecord),
    },
  ],
})
