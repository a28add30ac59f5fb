/** What a health check comes to: plain findings, worst first, and a verdict. Pure. */
import {
  type CheckEntry,
  type CheckTest,
  FINDINGS,
  type Finding,
  type HealthCheck,
  type Measure,
} from '../contract/self-test'

export interface Judgement {
  readonly verdict: NonNullable<HealthCheck['verdict']>
  readonly findings: HealthCheck['findings']
}

type Found = HealthCheck['findings'][number]

const isOff = (entry: CheckEntry): boolean => entry.verdict === 'warn' || entry.verdict === 'bad'
const missed = (entry: CheckEntry): Measure[] => entry.measures.filter((measure) => !measure.ok)

/** Findings of a measure that is out of its range, by the beginning of its name. */
const BY_MEASURE: readonly (readonly [prefix: string, finding: Finding])[] = [
  ['memory.', 'memory-failing'],
  ['flash.', 'flash-failing'],
  ['sensor.', 'sensor-failing'],
  ['temperature', 'overheating'],
  ['supply', 'supply-low'],
  ['signal', 'network-poor'],
  ['link', 'network-poor'],
  ['clock', 'clock-wrong'],
  ['certificate.', 'certificate-ending'],
]

/** What a test that found something stands for when its measures don't say more. */
const BY_TEST: Readonly<Record<CheckTest, Finding>> = {
  reachable: 'network-poor',
  identity: 'not-trusted',
  health: 'values-out-of-range',
  log: 'many-errors',
  firmware: 'values-out-of-range',
  'self-test': 'values-out-of-range',
  memory: 'memory-failing',
  flash: 'flash-failing',
  sensor: 'sensor-failing',
  ping: 'network-poor',
  dns: 'name-service',
  path: 'network-poor',
  throughput: 'network-poor',
}

/** Reasons that are a finding by themselves, whatever test they ended. */
const BY_REASON: ReadonlyMap<string, Finding> = new Map([
  ['unreachable', 'unreachable'],
  ['not-trusted', 'not-trusted'],
  ['on-trial', 'firmware-on-trial'],
])
/** On a test of the network, `unreachable` is said of a third party. */
const ASKED: ReadonlySet<CheckTest> = new Set(['ping', 'dns', 'path', 'throughput'])

const byMeasures = (entry: CheckEntry): Finding[] =>
  missed(entry).map(
    ({ name }) => BY_MEASURE.find(([prefix]) => name.startsWith(prefix))?.[1] ?? BY_TEST[entry.test],
  )

const ofEntry = (entry: CheckEntry): Finding[] => {
  const { test, state, verdict, reason = '' } = entry
  if (state === 'cancelled') return ['incomplete']
  if (verdict === 'unknown') return reason === 'unreachable' ? ['unreachable'] : ['incomplete']
  if (!isOff(entry)) return []
  const byReason = ASKED.has(test) ? undefined : BY_REASON.get(reason)
  if (byReason) return [byReason]
  const measured = byMeasures(entry)
  return measured.length > 0 ? measured : [BY_TEST[test]]
}

const rank = ({ finding }: Found): number => FINDINGS.indexOf(finding)

/** Each finding once, with the first test that showed it. A test left out is no finding; one that did not end is. */
export const judgeCheck = (entries: readonly CheckEntry[]): Judgement => {
  const found = new Map<Finding, Found>()
  for (const entry of entries)
    for (const finding of ofEntry(entry))
      if (!found.has(finding)) found.set(finding, { finding, test: entry.test })
  const findings = [...found.values()].sort((a, b) => rank(a) - rank(b))
  const bad = findings.some(({ finding }) => finding === 'unreachable' || finding === 'not-trusted')
  if (findings.length === 0) return { verdict: 'ok', findings: [{ finding: 'all-well' }] }
  return { verdict: bad || entries.some(({ verdict }) => verdict === 'bad') ? 'bad' : 'warn', findings }
}
