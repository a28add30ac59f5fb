import { memo, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { assertNever } from '../../../electron/contract/assert-never'
import type { HealthCheck } from '../../../electron/contract/self-test'
import { Ago } from '../../components/Ago'
import { Button } from '../../components/Button'
import { Teach } from '../../components/Panel'
import { Pill } from '../../components/Pill'
import { type TableColumn, VirtualTable } from '../../components/VirtualTable'
import { useLanguage } from '../../i18n'
import { runningTest, VERDICT_TONE } from '../../model/check'
import { longLabel } from '../../model/device-facts'
import { duration } from '../../model/time'
import { newestFirst, useChecks } from '../../stores/checks'
import { useDevices } from '../../stores/devices'
import { beginCheck, showChecks } from '../../wizards/diagnostics/store'
import css from './Diagnostics.module.css'

type Column = 'device' | 'verdict' | 'finding' | 'at' | 'took'

const COLUMNS: readonly TableColumn<Column>[] = [
  { key: 'device', min: 180, grow: 1, priority: 10 },
  { key: 'verdict', min: 118, grow: 0, priority: 9 },
  { key: 'finding', min: 300, grow: 4, priority: 8 },
  { key: 'at', min: 104, grow: 0, priority: 7 },
  { key: 'took', min: 90, grow: 0, priority: 3 },
]

/** A verdict as sign and word; running while there is none. */
export const VerdictPill = ({ check }: { readonly check: HealthCheck }) => {
  const { t } = useTranslation()
  return check.verdict ? (
    <Pill tone={VERDICT_TONE[check.verdict]}>{t(`diagnostics.verdict.${check.verdict}`)}</Pill>
  ) : (
    <Pill tone="info">{t('diagnostics.checks.running')}</Pill>
  )
}

const Cell = memo(({ row, column }: { readonly row: HealthCheck; readonly column: Column }) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const device = useDevices((list) => list.byUdn.get(row.udn))
  switch (column) {
    case 'device':
      return <span className="strong">{longLabel(device, row.udn)}</span>
    case 'verdict':
      return <VerdictPill check={row} />
    case 'finding': {
      const [first] = row.findings
      const test = runningTest(row)
      if (!first)
        return (
          <span className="mute">
            {test ? t('diagnostics.wizard.running', { test: t(`diagnostics.test.${test}`) }) : '—'}
          </span>
        )
      return (
        <span>
          {t(`diagnostics.finding.${first.finding}.what`)}{' '}
          <span className="mute">
            {t('shell.next')} {t(`diagnostics.finding.${first.finding}.next`)}
          </span>
        </span>
      )
    }
    case 'at':
      return <Ago atMs={row.startedAtMs} className="mute" />
    case 'took':
      return (
        <span className="mute tnum">
          {row.endedAtMs === undefined ? '—' : duration(row.endedAtMs - row.startedAtMs, language)}
        </span>
      )
    default:
      return assertNever(column)
  }
})

const keyOf = ({ id }: HealthCheck) => id
const rowTestid = ({ id }: HealthCheck) => `check-row-${id}`
const stateOf = ({ verdict }: HealthCheck) => verdict ?? 'running'

/** Earlier checks with what was found; each opens as it ended. */
export const ChecksTab = () => {
  const { t } = useTranslation()
  const byId = useChecks((checks) => checks.byId)
  const rows = useMemo(() => newestFirst(byId), [byId])
  return (
    <section className={css.panel} aria-label={t('diagnostics.tabs.checks')}>
      {rows.length === 0 ? (
        <Teach
          title={t('diagnostics.checks.empty')}
          actions={
            <Button kind="primary" needs="check.start" onClick={() => beginCheck()}>
              {t('diagnostics.check')}
            </Button>
          }
          testid="checks-empty"
        >
          <p>{t('diagnostics.checks.emptyText')}</p>
        </Teach>
      ) : (
        <VirtualTable
          rows={rows}
          keyOf={keyOf}
          columns={COLUMNS}
          Cell={Cell}
          head={(column) => <span>{t(`diagnostics.checks.column.${column}`)}</span>}
          label={t('diagnostics.checks.table')}
          testid="checks-table"
          rowTestid={rowTestid}
          stateOf={stateOf}
          onOpen={(id) => showChecks([id])}
        />
      )}
    </section>
  )
}
