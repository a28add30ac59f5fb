/** The operation part of the demo: health heard, a guided check, the log fetched and cleared, a change applied and taken back, a report. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Job } from '../../electron/contract/job'
import { DEFAULT_CHECK } from '../../electron/contract/self-test'
import type { Controller } from '../../electron/controller'
import { verifyReport } from '../../electron/reports/verify'

export interface OperationDemo {
  readonly controller: Controller
  readonly folder: string
  readonly udn: string
  readonly tell: (text: string) => void
  readonly need: (fact: boolean, what: string) => void
  readonly ended: (jobId: string) => Promise<Job>
  readonly until: (what: string, fact: () => boolean) => Promise<void>
}

/** Errors: those of the device, and of what was not read back. */
export const runOperation = async (demo: OperationDemo): Promise<void> => {
  const { controller, udn, need, tell, ended } = demo
  const { health, checks, logs, configurations, reports } = controller.operation()
  await demo.until('a report of health', () => health.of(udn)?.feed === 'events')
  const now = health.of(udn)
  need(
    now?.level === 'ok',
    `health by event: ${now?.values.temperature?.toFixed(1)} °C, ${now?.values.supply} V`,
  )

  const tests = DEFAULT_CHECK.filter((test) => test !== 'dns' && test !== 'path')
  const [checkId = ''] = checks.start([udn], { tests: [...tests] })
  await ended(checkId)
  const check = checks.list({ udn, limit: 1 })[0]
  need(check?.verdict === 'ok', `health check: ${tests.length} tests, ${check?.findings[0]?.finding}`)

  const [logId = ''] = logs.fetch([udn], true)
  await ended(logId)
  const stand = logs.stand().find((one) => one.udn === udn)
  need(
    stand !== undefined && stand.stored > 0 && stand.lost === 0 && stand.clearedThrough > 0,
    `log: ${stand?.stored} records stored here, then cleared there, ${stand?.lost} lost`,
  )

  const wanted = { 'Device.Location': 'Pit 7' }
  const before = (await configurations.read(udn)).values['Device.Location']
  const plan = await configurations.preview([udn], { kind: 'values', values: wanted })
  const applied = configurations.apply(plan.id)
  await ended(applied.rows[0]?.jobId ?? '')
  need(
    (await configurations.read(udn)).values['Device.Location'] === 'Pit 7',
    'configuration: applied, read back',
  )
  const undone = configurations.rollback(plan.id)
  await ended(undone.rows[0]?.jobId ?? '')
  need(
    (await configurations.read(udn)).values['Device.Location'] === before,
    'configuration: taken back, read back',
  )

  const report = await reports.make({ language: 'en', customer: 'Example customer' })
  const { name, data } = await reports.file(report.sequence, 'zip')
  const path = join(demo.folder, name)
  writeFileSync(path, data)
  tell(`report ${report.sequence}: ${report.devices} devices, ${report.open} open`)
  const { siteAuthority } = controller.status()
  const verdict = await verifyReport(path, { fingerprint: siteAuthority?.fingerprint })
  need(verdict.ok, 'report: signature, chain and every file verified with the fingerprint alone')
  const audit = await controller.operation().auditLog.verify()
  need(audit.ok, `audit: ${audit.lines} lines, chain whole`)
}
