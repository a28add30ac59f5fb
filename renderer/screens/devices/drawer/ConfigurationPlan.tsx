import { useTranslation } from 'react-i18next'
import type { PlanRow } from '../../../../electron/contract/configuration'
import type { Device } from '../../../../electron/contract/device'
import { Button } from '../../../components/Button'
import { ErrorBox, StateBox } from '../../../components/StateBox'
import { useAction } from '../../../components/use-action'
import { useMay } from '../../../components/use-may'
import { isSendable, isUnderWay } from '../../../model/configuration'
import { labelOf } from '../../../model/device-facts'
import { send, useConfiguration } from '../../../stores/configuration'
import { Diff, RowPill } from '../../../wizards/configure/Diff'
import css from '../Drawer.module.css'

const Outcome = ({ row }: { readonly row: PlanRow }) => {
  const { t } = useTranslation()
  if (isUnderWay(row)) return <p className="mute">{t('configuration.tab.applying')}</p>
  const key = row.state === 'applied' ? 'applied' : row.state === 'rolled-back' ? 'rolledBack' : undefined
  return key ? (
    <StateBox
      tone="ok"
      what={t(`configuration.tab.${key}.what`)}
      state={t(`configuration.tab.${key}.state`)}
      next={t(`configuration.tab.${key}.next`)}
    />
  ) : null
}

/** A change of one device: what it would do, then what has become of it. */
export const ConfigurationPlan = ({
  device,
  planId,
  onBack,
  onRead,
}: {
  readonly device: Device
  readonly planId: string
  readonly onBack: () => void
  readonly onRead: () => void
}) => {
  const { t } = useTranslation()
  const row = useConfiguration((mirror) =>
    mirror.plans.get(planId)?.rows.find((one) => one.udn === device.udn),
  )
  const may = useMay('configuration.apply')
  const act = useAction((direction: 'apply' | 'rollback') => send(direction, planId, [device.udn]))
  if (!row) return null
  const begun = row.direction !== undefined
  const direction = row.direction ?? 'apply'
  const stale = row.error?.code === 'PLAN_STALE'
  return (
    <>
      <p className={css.itemHead}>
        <span className="strong">
          {t(row.state === 'same' ? 'configuration.tab.previewNone' : 'configuration.tab.previewTitle')}
        </span>
        <span data-testid={`configure-row-${device.udn}`} data-state={row.state}>
          <RowPill row={row} />
        </span>
      </p>
      <div aria-live="polite">{begun && <Outcome row={row} />}</div>
      <div data-testid={`configure-diff-${device.udn}`}>
        <Diff row={row} />
      </div>
      {act.error && <ErrorBox error={act.error} subject={labelOf(device)} />}
      <div className={css.actions}>
        {!begun && isSendable(row) && (
          <Button
            small
            kind="primary"
            busy={act.busy}
            reason={may.reason}
            onClick={() => void act.run('apply')}
            data-testid="configure-apply"
          >
            {t('configuration.tab.apply')}
          </Button>
        )}
        {row.state === 'failed' && !stale && (
          <Button
            small
            kind="primary"
            busy={act.busy}
            reason={may.reason}
            onClick={() => void act.run(direction)}
            data-testid="configure-retry"
          >
            {t('configuration.tab.retry')}
          </Button>
        )}
        {row.state === 'applied' && (
          <Button
            small
            busy={act.busy}
            reason={may.reason}
            onClick={() => void act.run('rollback')}
            data-testid="configure-rollback"
          >
            {t('configuration.tab.rollback')}
          </Button>
        )}
        {begun && !isUnderWay(row) && (
          <Button small onClick={onRead} data-testid="drawer-read-configuration">
            {t('configuration.tab.readAgain')}
          </Button>
        )}
        {!begun && (
          <Button small onClick={onBack} data-testid="configure-back">
            {t('configuration.tab.back')}
          </Button>
        )}
      </div>
    </>
  )
}
