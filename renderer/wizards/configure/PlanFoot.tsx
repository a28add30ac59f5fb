import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConfigurationPlan } from '../../../electron/contract/configuration'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { useMay } from '../../components/use-may'
import { gone, toApply, toRetry, toRollBack } from '../../model/configuration'
import { send } from '../../stores/configuration'
import { go } from '../../stores/view'
import css from './Configure.module.css'
import { beginConfigure, previewAgain, showDevices, showValues, useConfigure } from './store'

const Result = ({ plan }: { readonly plan: ConfigurationPlan }) => {
  const { t } = useTranslation()
  const [asking, setAsking] = useState(false)
  const may = useMay('configuration.apply')
  const act = useAction(send)
  const again = useAction(previewAgain)
  const failed = { apply: toRetry(plan, 'apply'), rollback: toRetry(plan, 'rollback') }
  const retries = failed.apply.length + failed.rollback.length
  const applied = toRollBack(plan)
  const stale = gone(plan)
  const left = toApply(plan)
  const retry = async () => {
    if (await act.run('apply', plan.id, failed.apply)) await act.run('rollback', plan.id, failed.rollback)
  }
  return (
    <>
      <div className={css.foot}>
        {left.length > 0 && (
          <Button
            kind="primary"
            busy={act.busy}
            reason={may.reason}
            onClick={() => void act.run('apply', plan.id, left)}
            data-testid="configure-apply"
          >
            {t('configuration.plan.apply', { count: left.length })}
          </Button>
        )}
        <Button
          kind={retries > 0 ? 'primary' : 'plain'}
          busy={act.busy}
          reason={retries === 0 ? t('configuration.plan.retryNothing') : may.reason}
          onClick={() => void retry()}
          data-testid="configure-retry"
        >
          {t('configuration.plan.retry', { count: retries })}
        </Button>
        {stale.length > 0 && (
          <Button
            busy={again.busy}
            reason={may.reason}
            onClick={() => void again.run(plan.id, stale)}
            data-testid="configure-again"
          >
            {t('configuration.plan.againStale', { count: stale.length })}
          </Button>
        )}
        <Button
          busy={act.busy}
          reason={applied.length === 0 ? t('configuration.plan.rollbackNothing') : may.reason}
          onClick={() => setAsking(true)}
          data-testid="configure-rollback"
        >
          {t('configuration.plan.rollback', { count: applied.length })}
        </Button>
        <Button onClick={() => beginConfigure([])} data-testid="configure-another">
          {t('configuration.plan.another')}
        </Button>
        <Button onClick={() => go('devices')} data-testid="configure-done">
          {t('configuration.plan.done')}
        </Button>
      </div>
      {(act.error ?? again.error) && (
        <div className={css.footError}>
          {act.error && <ErrorBox error={act.error} />}
          {again.error && <ErrorBox error={again.error} />}
        </div>
      )}
      <Dialog
        title={t('configuration.plan.rollbackTitle', { count: applied.length })}
        open={asking}
        onClose={() => setAsking(false)}
        testid="configure-rollback-dialog"
        actions={
          <>
            <Button
              kind="primary"
              onClick={() => {
                setAsking(false)
                void act.run('rollback', plan.id, applied)
              }}
              data-testid="configure-rollback-yes"
            >
              {t('configuration.plan.rollbackYes')}
            </Button>
            <Button onClick={() => setAsking(false)}>{t('shell.back')}</Button>
          </>
        }
      >
        <p>{t('configuration.plan.rollbackText')}</p>
      </Dialog>
    </>
  )
}

/** What can be done with a plan now: apply what was seen, or deal with what has become of it. */
export const PlanFoot = ({ plan, begun }: { readonly plan: ConfigurationPlan; readonly begun: boolean }) => {
  const { t } = useTranslation()
  const may = useMay('configuration.apply')
  const chosen = useConfigure((place) => place.chosen.size)
  const apply = useAction(send)
  const again = useAction(previewAgain)
  if (begun) return <Result plan={plan} />
  const ready = toApply(plan)
  const reason = ready.length === 0 ? t('configuration.plan.applyNothing') : may.reason
  return (
    <>
      <div className={css.foot}>
        <Button
          kind={reason ? 'plain' : 'primary'}
          busy={apply.busy}
          reason={reason}
          onClick={() => void apply.run('apply', plan.id, ready)}
          data-testid="configure-apply"
        >
          {t('configuration.plan.apply', { count: ready.length })}
        </Button>
        <Button
          busy={again.busy}
          onClick={() =>
            void again.run(
              plan.id,
              plan.rows.map((row) => row.udn),
            )
          }
          data-testid="configure-again"
        >
          {t('configuration.plan.again')}
        </Button>
        <Button
          onClick={chosen > 0 && plan.change !== 'each' && plan.change !== 'work' ? showValues : showDevices}
          data-testid="configure-back"
        >
          {t('shell.back')}
        </Button>
      </div>
      {(apply.error ?? again.error) && (
        <div className={css.footError}>
          {apply.error && <ErrorBox error={apply.error} />}
          {again.error && <ErrorBox error={again.error} />}
        </div>
      )}
    </>
  )
}
