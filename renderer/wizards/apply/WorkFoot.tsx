import { useTranslation } from 'react-i18next'
import { isRowUnderWay, type SiteWork } from '../../../electron/contract/site-plan'
import { Button } from '../../components/Button'
import { ErrorBox, StateBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { isBegunWork, staleRows, toRetryWork, toStart } from '../../model/site-work'
import { go, setSiteTab } from '../../stores/view'
import { applyWork, cancelWork } from '../../stores/work'
import css from './Apply.module.css'
import { previewAgain, showChoose } from './store'

/** Leads back to where the devices were chosen from. */
const leave = (what: SiteWork['what']) => {
  if (what === 'group') return go('devices')
  setSiteTab('plan')
  go('site')
}

/** What can be done with a work now: start what was seen, or deal with what has become of it. */
export const WorkFoot = ({ work }: { readonly work: SiteWork }) => {
  const { t } = useTranslation()
  const act = useAction(applyWork)
  const off = useAction(cancelWork)
  const again = useAction(previewAgain)
  const underWay = work.rows.filter(isRowUnderWay).length
  const begun = isBegunWork(work)
  const ready = toStart(work)
  const failed = toRetryWork(work)
  const stale = staleRows(work).map(({ key }) => key)
  const allKeys = work.rows.filter((row) => !isRowUnderWay(row)).map(({ key }) => key)
  // A work whose start was refused as a whole is stale in all its rows.
  const refused = act.error?.code === 'PLAN_STALE'
  const lookAgain = (keys: readonly string[]) => {
    act.clear()
    void again.run(work.id, keys)
  }
  const stalePart = (count: number, keys: readonly string[]) => (
    <div className={css.box} data-testid="apply-stale">
      <StateBox
        tone="warn"
        what={t('sitePlan.work.stale.what', { count })}
        state={t('sitePlan.work.stale.state')}
        next={t('sitePlan.work.stale.next')}
        alert
      >
        <Button
          small
          kind="primary"
          busy={again.busy}
          onClick={() => lookAgain(keys)}
          needs="work.preview"
          data-testid="apply-preview-again"
        >
          {t('sitePlan.work.previewAgain')}
        </Button>
      </StateBox>
    </div>
  )
  return (
    <>
      {stale.length > 0 && stalePart(stale.length, stale)}
      {refused && stale.length === 0 && stalePart(allKeys.length, allKeys)}
      {act.error && !refused && (
        <div className={css.box}>
          <ErrorBox error={act.error} />
        </div>
      )}
      {off.error && (
        <div className={css.box}>
          <ErrorBox error={off.error} />
        </div>
      )}
      {again.error && (
        <div className={css.box}>
          <ErrorBox error={again.error} />
        </div>
      )}
      <div className={css.foot}>
        {(!begun || ready.length > 0) && (
          <Button
            kind={ready.length > 0 ? 'primary' : 'plain'}
            busy={act.busy}
            reason={ready.length === 0 ? t('sitePlan.work.startNothing') : undefined}
            onClick={() => void act.run(work.id, ready)}
            needs="work.apply"
            data-testid="apply-start"
          >
            {t('sitePlan.work.start', { count: ready.length })}
          </Button>
        )}
        {begun ? (
          <>
            {failed.length > 0 && (
              <Button
                kind="primary"
                busy={act.busy}
                onClick={() => void act.run(work.id, failed)}
                needs="work.apply"
                data-testid="apply-retry"
              >
                {t('sitePlan.work.retry', { count: failed.length })}
              </Button>
            )}
            <Button onClick={() => leave(work.what)} data-testid="apply-done">
              {t(work.what === 'plan' ? 'sitePlan.work.toWork' : 'sitePlan.work.toDevices')}
            </Button>
            {/* Away from where the work was begun: a second click there must not end it. */}
            {underWay > 0 && (
              <Button
                busy={off.busy}
                onClick={() => void off.run(work.id)}
                needs="work.cancel"
                data-testid="apply-cancel"
              >
                {t('sitePlan.work.cancel', { count: underWay })}
              </Button>
            )}
          </>
        ) : (
          <>
            <Button
              busy={again.busy}
              onClick={() => lookAgain(allKeys)}
              needs="work.preview"
              data-testid="apply-again"
            >
              {t('sitePlan.work.again')}
            </Button>
            <Button onClick={showChoose} data-testid="apply-back">
              {t('shell.back')}
            </Button>
          </>
        )}
      </div>
    </>
  )
}
