import { useTranslation } from 'react-i18next'
import { REPORT_PARTS, type ReportPart, type ReportView } from '../../../../electron/contract/report'
import { Ago } from '../../../components/Ago'
import { Button } from '../../../components/Button'
import { Pill } from '../../../components/Pill'
import { ScrollPart } from '../../../components/ScrollPart'
import css from './Reports.module.css'

const COLUMNS = ['number', 'date', 'technician', 'customer', 'devices', 'open', 'hash', 'save'] as const

interface SaveProps {
  readonly busy: boolean
  readonly onSave: (sequence: number, part: ReportPart) => void
}

const Row = ({ report, busy, onSave }: SaveProps & { readonly report: ReportView }) => {
  const { t } = useTranslation()
  const { sequence, madeAtMs, technician, customer, devices, open, hash } = report
  return (
    <tr data-testid={`report-row-${sequence}`}>
      <th scope="row">{sequence}</th>
      <td>
        <Ago atMs={madeAtMs} />
      </td>
      <td className={css.long} title={technician}>
        {technician}
      </td>
      <td className={css.long} title={customer}>
        {customer || <span className="mute">—</span>}
      </td>
      <td className={css.number}>{devices}</td>
      <td>
        <Pill tone={open === 0 ? 'ok' : 'warn'}>
          {open === 0 ? t('reports.openNone') : t('reports.openCount', { count: open })}
        </Pill>
      </td>
      <td className="mono" title={hash}>
        {hash.slice(0, 8)}
      </td>
      <td>
        <span className={css.save}>
          {REPORT_PARTS.map((part) => (
            <Button
              key={part}
              small
              busy={busy}
              needs="report.save"
              aria-label={t('reports.savePart', { n: sequence, part: part.toUpperCase() })}
              onClick={() => onSave(sequence, part)}
              data-testid={`report-save-${part}-${sequence}`}
            >
              {part.toUpperCase()}
            </Button>
          ))}
        </span>
      </td>
    </tr>
  )
}

/** Reports, newest first, each to be saved in every form. */
export const ReportList = ({ reports, ...save }: SaveProps & { readonly reports: readonly ReportView[] }) => {
  const { t } = useTranslation()
  if (reports.length === 0)
    return (
      <div className={css.empty} data-testid="reports-empty">
        <p className="strong">{t('reports.empty')}</p>
        <p className="mute">{t('reports.emptyText')}</p>
      </div>
    )
  return (
    <ScrollPart className={css.scroll} label={t('reports.table')}>
      <table className={css.table} data-testid="reports-table">
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <th key={column} scope="col" className={column === 'devices' ? css.number : undefined}>
                {t(`reports.column.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {reports.map((report) => (
            <Row key={report.sequence} report={report} {...save} />
          ))}
        </tbody>
      </table>
    </ScrollPart>
  )
}
