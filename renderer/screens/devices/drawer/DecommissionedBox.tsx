import { useTranslation } from 'react-i18next'
import type { DecommissionState } from '../../../../electron/contract/decommission-states'
import { Ago } from '../../../components/Ago'
import { Button } from '../../../components/Button'
import { ErrorBox, StateBox } from '../../../components/StateBox'
import { useMirror } from '../../../components/use-mirror'
import { LEAVING_TONE } from '../../../model/decommission'
import { openDecommissions, useDecommissions } from '../../../stores/decommission'
import { go, setSiteTab } from '../../../stores/view'
import { showDecommission } from '../../../wizards/decommission/store'
import css from '../Drawer.module.css'

/** That this device has left or is leaving, by whom and why: above everything else that is said of it. */
export const DecommissionedBox = ({
  udn,
  state,
}: {
  readonly udn: string
  readonly state: DecommissionState
}) => {
  const { t } = useTranslation()
  const error = useMirror(openDecommissions)
  const record = useDecommissions(({ records }) => records.find((one) => one.udn === udn))
  return (
    <div className={css.left} data-testid="drawer-decommissioned" data-state={state}>
      <StateBox
        tone={LEAVING_TONE[state]}
        what={t(`endOfLife.drawer.${state}.what`)}
        state={t(`endOfLife.drawer.${state}.state`)}
        next={t(`endOfLife.drawer.${state}.next`)}
      >
        {record && (
          <span className="mute">
            {t('endOfLife.drawer.by', {
              reason: t(`endOfLife.reasonShort.${record.reason}`),
              who: record.orderedBy,
            })}{' '}
            <Ago atMs={record.orderedAtMs} />
          </span>
        )}
        {record && state !== 'certified' && state !== 'closed' && (
          <Button small onClick={() => showDecommission([record.id])} data-testid="drawer-decommission-watch">
            {t('endOfLife.drawer.watch')}
          </Button>
        )}
        <Button
          small
          onClick={() => {
            setSiteTab('decommissioned')
            go('site')
          }}
          data-testid="drawer-decommission-record"
        >
          {t('endOfLife.drawer.record')}
        </Button>
      </StateBox>
      {error && <ErrorBox error={error} />}
    </div>
  )
}
