import { useTranslation } from 'react-i18next'
import type { ReportVerdict } from '../../../../electron/contract/report'
import { StateBox } from '../../../components/StateBox'
import css from './Reports.module.css'

/** Whether a file is what was signed: a sentence, and each thing that is wrong. */
export const ReportVerdictBox = ({ verdict }: { readonly verdict: ReportVerdict }) => {
  const { t } = useTranslation()
  const { ok, problems, sequence = 0, site = '', madeAt = '' } = verdict
  const kind = ok ? 'right' : 'wrong'
  return (
    <div data-testid="report-verdict" data-ok={ok}>
      <StateBox
        tone={ok ? 'ok' : 'bad'}
        what={t(`reports.${kind}.what`)}
        state={
          ok
            ? t('reports.right.state', { n: sequence, site, date: madeAt.slice(0, 10) })
            : t('reports.wrong.state')
        }
        next={t(`reports.${kind}.next`)}
        alert
      >
        {problems.length > 0 && (
          <ul className={css.problems}>
            {problems.map(({ kind: problem, detail }) => (
              <li key={`${problem} ${detail}`}>{t(`reports.problem.${problem}`, { detail })}</li>
            ))}
          </ul>
        )}
      </StateBox>
    </div>
  )
}
