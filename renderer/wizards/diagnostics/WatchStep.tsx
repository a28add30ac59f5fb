import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { HealthCheck } from '../../../electron/contract/self-test'
import { Announcer } from '../../components/Announcer'
import { Button } from '../../components/Button'
import { Panel, Teach } from '../../components/Panel'
import { ScrollPart } from '../../components/ScrollPart'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { countChecks, worstFirst } from '../../model/check'
import { FetchDialog } from '../../screens/diagnostics/FetchDialog'
import { BundleButton } from '../../screens/diagnostics/reports/BundleButton'
import { cancelChecks, useChecks } from '../../stores/checks'
import css from '../firmware/Wizard.module.css'
import own from './Check.module.css'
import { CheckCard } from './CheckCard'
import { beginCheck, showDiagnostics } from './store'

/** A card that still runs shows its tests, if it is among the first: each has more lines than a screen. */
const OPEN_CARDS = 3
const SHOWN = 100

/** Watching and the findings in one place, worst first, so that nothing has to be looked for. */
export const WatchStep = ({ ids }: { readonly ids: readonly string[] }) => {
  const { t } = useTranslation()
  const byId = useChecks((checks) => checks.byId)
  const checks = useMemo(
    () => worstFirst(ids.map((id) => byId.get(id)).filter((one): one is HealthCheck => one !== undefined)),
    [ids, byId],
  )
  const [clearing, setClearing] = useState(false)
  const cancel = useAction(cancelChecks)
  const counts = countChecks(checks)
  const summary = t('diagnostics.wizard.counts', { ...counts })
  const udns = [...new Set(checks.map(({ udn }) => udn))]
  if (checks.length === 0)
    return (
      <Panel className={css.panel}>
        <Teach
          title={t('diagnostics.wizard.gone')}
          actions={
            <Button kind="primary" onClick={() => beginCheck()}>
              {t('diagnostics.wizard.another')}
            </Button>
          }
        >
          <p>{t('diagnostics.checks.emptyText')}</p>
        </Teach>
      </Panel>
    )
  return (
    <Panel className={css.panel} label={t('diagnostics.wizard.steps.watch')}>
      <div className={own.summary}>
        <span className="strong tnum" data-testid="check-summary">
          {summary}
        </span>
        <Announcer text={summary} />
      </div>
      <ScrollPart className={css.scroll} label={t('diagnostics.wizard.steps.watch')}>
        {checks.slice(0, SHOWN).map((check, index) => (
          <CheckCard
            key={check.id}
            check={check}
            startsOpen={checks.length === 1 || (check.verdict === undefined && index < OPEN_CARDS)}
          />
        ))}
        {cancel.error && <ErrorBox error={cancel.error} />}
      </ScrollPart>
      <div className={css.foot}>
        {counts.running > 0 ? (
          <Button
            busy={cancel.busy}
            needs="jobs.cancel"
            onClick={() =>
              void cancel.run(checks.filter(({ verdict }) => verdict === undefined).map(({ id }) => id))
            }
            data-testid="check-cancel"
          >
            {t('diagnostics.wizard.cancel')}
          </Button>
        ) : (
          <Button
            kind="primary"
            needs="check.start"
            onClick={() => beginCheck(udns)}
            data-testid="check-again"
          >
            {t('diagnostics.wizard.again')}
          </Button>
        )}
        <BundleButton scope={{ kind: 'devices', udns }} />
        <Button needs="log.fetch" onClick={() => setClearing(true)} data-testid="check-fetch-clear">
          {t('diagnostics.wizard.fetchClear')}
        </Button>
        <Button onClick={() => showDiagnostics('checks')} data-testid="check-back">
          {t('diagnostics.wizard.all')}
        </Button>
      </div>
      {clearing && <FetchDialog udns={udns} clear onClose={() => setClearing(false)} />}
    </Panel>
  )
}
