import { useTranslation } from 'react-i18next'
import type { SiteRow } from '../../../electron/contract/site-plan'
import { Button } from '../../components/Button'
import { ScrollPart } from '../../components/ScrollPart'
import { useDevices } from '../../stores/devices'
import { showDevice } from '../../stores/view'
import css from './Plan.module.css'
import { PlanPill } from './PlanCell'
import { PlanDifferences } from './PlanDifferences'

/** One row of the plan in full: what was found, what is planned, and the way to the device. */
export const PlanDetail = ({ row }: { readonly row: SiteRow | undefined }) => {
  const { t } = useTranslation()
  const known = useDevices((list) => (row?.udn ? list.byUdn.has(row.udn) : false))
  if (!row)
    return (
      <div className={css.body}>
        <p className="mute">{t('sitePlan.detail.none')}</p>
      </div>
    )
  const { udn, stand, differences } = row
  const facts = [row.model, row.serialNumber, row.place, row.group]
  return (
    <>
      <div className={css.detailHead}>
        <h2>{row.name || row.serialNumber || udn?.slice(-8)}</h2>
        <PlanPill stand={stand} />
      </div>
      <ScrollPart className={css.body} label={row.name} testid="plan-detail">
        <p className="mute">
          {facts.filter(Boolean).join(' · ')}
          {udn && !row.online && ` · ${t('sitePlan.offline')}`}
        </p>
        {stand === 'missing' && <p>{t('sitePlan.detail.missing')}</p>}
        {stand === 'unexpected' && <p>{t('sitePlan.detail.unexpected')}</p>}
        {stand === 'present' && <p>{t('sitePlan.detail.same')}</p>}
        {differences.length > 0 && <PlanDifferences differences={differences} />}
        {udn && known && (
          <div>
            <Button small onClick={() => showDevice(udn)} data-testid="plan-open-device">
              {t('sitePlan.detail.open')}
            </Button>
          </div>
        )}
      </ScrollPart>
    </>
  )
}
