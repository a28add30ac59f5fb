import { useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AuditLine } from '../../../../electron/contract/access'
import type { Device } from '../../../../electron/contract/device'
import type { HealthCheck } from '../../../../electron/contract/self-test'
import { call } from '../../../bridge'
import { Ago } from '../../../components/Ago'
import { Button } from '../../../components/Button'
import { ErrorBox } from '../../../components/StateBox'
import { useAction } from '../../../components/use-action'
import { auditTextKey } from '../../../model/audit'
import { labelOf } from '../../../model/device-facts'
import { concerns } from '../../../model/job-subject'
import { checksOf, newestFirst, useChecks } from '../../../stores/checks'
import { useJobs } from '../../../stores/jobs'
import { showChecks } from '../../../wizards/diagnostics/store'
import { VerdictPill } from '../../diagnostics/ChecksTab'
import { JobStatePill } from '../../jobs/JobSteps'
import css from '../Drawer.module.css'

const AUDIT_LINES = 30

const Checks = ({ udn }: { readonly udn: string }) => {
  const { t } = useTranslation()
  const byId = useChecks((checks) => checks.byId)
  const [older, setOlder] = useState<readonly HealthCheck[]>([])
  const load = useAction(async () => setOlder(await checksOf(udn)))
  const { run } = load
  useEffect(() => void run(), [run])
  const checks = useMemo(() => {
    const all = new Map(older.map((one) => [one.id, one]))
    for (const one of byId.values()) if (one.udn === udn) all.set(one.id, one)
    return newestFirst(all)
  }, [older, byId, udn])
  if (checks.length === 0) return <p className="mute">{t('diagnostics.drawer.noChecks')}</p>
  return (
    <ul className={css.list}>
      {checks.map((check) => (
        <li key={check.id} className={css.item}>
          <div className={css.itemHead}>
            <VerdictPill check={check} />
            <Button small kind="quiet" onClick={() => showChecks([check.id])}>
              {t('jobs.open')}
            </Button>
          </div>
          {check.findings[0] && <span>{t(`diagnostics.finding.${check.findings[0].finding}.what`)}</span>}
          <Ago atMs={check.startedAtMs} className="mute" />
        </li>
      ))}
    </ul>
  )
}

const Audit = ({ udn }: { readonly udn: string }) => {
  const { t } = useTranslation()
  const [lines, setLines] = useState<readonly AuditLine[]>([])
  const load = useAction(async () =>
    setLines((await call('audit.list', { subject: udn, limit: AUDIT_LINES })).lines),
  )
  const { run } = load
  useEffect(() => void run(), [run])
  if (load.error) return <ErrorBox error={load.error} alert={false} />
  if (lines.length === 0) return <p className="mute">{t('diagnostics.drawer.noAudit')}</p>
  return (
    <ul className={css.list}>
      {lines.map((line) => {
        const key = auditTextKey(line.action)
        return (
          <li key={line.id} className={css.item}>
            <div className={css.itemHead}>
              <span className="strong">{key ? t(`access.audit.action.${key}`) : line.action}</span>
              <Ago atMs={line.atMs} className="mute" />
            </div>
            <span className="mute">{[line.actor, line.detail].filter(Boolean).join(' · ')}</span>
          </li>
        )
      })}
    </ul>
  )
}

/** What was done with the device from here: jobs, health checks, and the audit's lines about it, newest first. */
export const HistoryTab = ({ device }: { readonly device: Device }) => {
  const { t } = useTranslation()
  const byId = useJobs((list) => list.byId)
  const jobs = useMemo(
    () =>
      [...byId.values()].filter((job) => concerns(job, device)).sort((a, b) => b.createdAtMs - a.createdAtMs),
    [byId, device],
  )
  return (
    <>
      <section>
        <h3>{t('diagnostics.drawer.history.jobs')}</h3>
        {jobs.length === 0 && <p className="mute">{t('devices.drawer.noHistory')}</p>}
        <ul className={css.list}>
          {jobs.map((job) => (
            <li key={job.id} className={css.item}>
              <div className={css.itemHead}>
                <span className="strong">{t(`jobs.kind.${job.kind}`)}</span>
                <JobStatePill job={job} />
              </div>
              <span className="mute">
                <Ago atMs={job.createdAtMs} />
                {job.attempt > 1 && ` · ${t('jobs.attempt', { count: job.attempt })}`}
              </span>
              {job.error && job.state === 'failed' && (
                <ErrorBox error={job.error} subject={labelOf(device)} alert={false} />
              )}
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h3>{t('diagnostics.drawer.history.checks')}</h3>
        <Checks udn={device.udn} />
      </section>
      <section>
        <h3>{t('diagnostics.drawer.history.audit')}</h3>
        <Audit udn={device.udn} />
      </section>
    </>
  )
}
