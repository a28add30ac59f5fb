import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { type DecommissionPreviewRow, WIPE_ITEMS } from '../../../electron/contract/decommission'
import { Sign, type SignName } from '../../components/Sign'
import { ErrorBox } from '../../components/StateBox'
import own from './Decommission.module.css'
import { Serial } from './Serial'
import { useLeaving } from './store'

const Part = ({
  sign,
  tone,
  title,
  children,
}: {
  readonly sign: SignName
  readonly tone: string | undefined
  readonly title: string
  readonly children: ReactNode
}) => (
  <section className={own.part}>
    <span className={`${own.partSign} ${tone}`}>
      <Sign name={sign} />
    </span>
    <div className={own.partText}>
      <h3>{title}</h3>
      {children}
    </div>
  </section>
)

/** What is revoked and wiped on one device, what ends before, and what stays on it. */
export const RowDetail = ({ row }: { readonly row: DecommissionPreviewRow }) => {
  const { t } = useTranslation()
  const keepOut = useLeaving((leaving) => leaving.keepOut)
  if (row.problem) return <ErrorBox error={{ code: row.problem }} subject={row.name} alert={false} />
  return (
    <>
      <h2>{t('endOfLife.check.detail', { name: row.name })}</h2>
      {row.jobs > 0 && (
        <Part sign="dash" tone={own.quiet} title={t('endOfLife.check.jobsTitle')}>
          <p>{t('endOfLife.check.jobsText', { count: row.jobs })}</p>
        </Part>
      )}
      <Part sign="cross" tone={own.bad} title={t('endOfLife.check.revokeTitle')}>
        {row.ldevids.length === 0 && !keepOut ? (
          <p className="mute">{t('endOfLife.check.revokeNone')}</p>
        ) : (
          <ul className={own.serials}>
            {row.ldevids.map((serial) => (
              <Serial key={serial} name={t('endOfLife.check.operational')} value={serial} />
            ))}
            {keepOut && row.idevid && (
              <Serial name={t('endOfLife.check.factoryIdentity')} value={row.idevid} />
            )}
          </ul>
        )}
      </Part>
      <Part
        sign={row.online ? 'next' : 'warning'}
        tone={row.online ? own.info : own.warn}
        title={t('endOfLife.check.wipeTitle')}
      >
        <p>{t(row.online ? 'endOfLife.check.wipeOnline' : 'endOfLife.check.wipeOffline')}</p>
        <ul className={own.items}>
          {WIPE_ITEMS.map((item) => (
            <li key={item}>
              {item === 'standby-bank' && row.standbyVersion
                ? t('endOfLife.item.standbyVersion', { version: row.standbyVersion })
                : t(`endOfLife.item.${item}`)}
            </li>
          ))}
        </ul>
      </Part>
      <Part sign="check" tone={own.quiet} title={t('endOfLife.check.keepTitle')}>
        <p className="mute">{t('endOfLife.check.keepText')}</p>
      </Part>
    </>
  )
}
