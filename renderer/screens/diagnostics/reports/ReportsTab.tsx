import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ReportVerdict, ReportView } from '../../../../electron/contract/report'
import { Button } from '../../../components/Button'
import { Panel } from '../../../components/Panel'
import { ErrorBox, StateBox } from '../../../components/StateBox'
import { useAction } from '../../../components/use-action'
import { useSave } from '../../../components/use-save'
import { loadReports, saveReport, useReports, verifyReport } from '../../../stores/reports'
import { ReportForm } from './ReportForm'
import { ReportList } from './ReportList'
import css from './Reports.module.css'
import { ReportVerdictBox } from './ReportVerdictBox'

const Made = ({ report }: { readonly report: ReportView }) => {
  const { t } = useTranslation()
  const { sequence, open } = report
  return (
    <div data-testid="report-made">
      <StateBox
        tone={open === 0 ? 'ok' : 'warn'}
        what={t('reports.made.what', { n: sequence })}
        state={open === 0 ? t('reports.made.stateNone') : t('reports.made.state', { count: open })}
        next={t('reports.made.next')}
        alert
      />
    </div>
  )
}

/** Reports made at this site, a new one, and whether a file is what was signed. */
export const ReportsTab = () => {
  const { t } = useTranslation()
  const reports = useReports((state) => state.reports)
  const [made, setMade] = useState<ReportView>()
  const [verdict, setVerdict] = useState<ReportVerdict>()
  const load = useAction(loadReports)
  const save = useSave(saveReport)
  const verify = useAction(async () => {
    setMade(undefined)
    setVerdict(await verifyReport())
  })
  const { run } = load
  useEffect(() => {
    void run()
  }, [run])
  const failed = load.error ?? save.error ?? verify.error
  return (
    <div className={css.screen} data-testid="reports">
      <div className={css.told}>
        {failed && <ErrorBox error={failed} />}
        {made && <Made report={made} />}
        {verdict && <ReportVerdictBox verdict={verdict} />}
        {save.saved && (
          <p role="status" className="mute select-text">
            {save.saved}
          </p>
        )}
      </div>
      <Panel className={css.list} label={t('reports.title')}>
        <div className={css.head}>
          <div className={css.headText}>
            <h2>{t('reports.title')}</h2>
            <p className="mute">{t('reports.hint')}</p>
          </div>
          <Button
            needs="report.verify"
            busy={verify.busy}
            onClick={() => void verify.run()}
            data-testid="report-verify"
          >
            {t('reports.verify')}
          </Button>
        </div>
        {reports ? (
          <ReportList
            reports={reports}
            busy={save.busy}
            onSave={(sequence, part) => void save.run(sequence, part)}
          />
        ) : (
          !failed && <p className={`mute ${css.empty}`}>{t('reports.loading')}</p>
        )}
      </Panel>
      <ReportForm
        onMade={(report) => {
          setVerdict(undefined)
          setMade(report)
        }}
      />
    </div>
  )
}
