import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AuthorityView } from '../../../electron/contract/factory'
import { StateBox } from '../../components/StateBox'
import type { Tone } from '../../model/device-facts'
import { type AuthorityNext, authorityNext } from '../../model/station-check'
import { useClock } from '../../stores/clock'
import { DeviceCard } from './authority/DeviceCard'
import { InstallDialog } from './authority/InstallDialog'
import { RootCard } from './authority/RootCard'
import { SignDialog } from './authority/SignDialog'
import { StationCard } from './authority/StationCard'
import css from './Factory.module.css'

const TONE: Readonly<Record<AuthorityNext, Tone>> = {
  root: 'info',
  request: 'info',
  sign: 'info',
  carry: 'info',
  ready: 'ok',
  ending: 'warn',
  'renew-expired': 'bad',
  'renew-exhausted': 'bad',
}

const Arrow = () => (
  <li aria-hidden="true" className={css.arrow}>
    →
  </li>
)

/** Root, station, device: who signs for whom, how it stands, and the next thing to do. */
export const AuthorityTab = ({
  authority,
  lineName,
}: {
  readonly authority: AuthorityView
  readonly lineName: string
}) => {
  const { t } = useTranslation()
  const next = useClock(({ nowMs }) => authorityNext(authority, nowMs))
  const [dialog, setDialog] = useState<'sign' | 'install'>()
  const close = () => setDialog(undefined)
  return (
    <div className={css.scroller}>
      <StateBox
        tone={TONE[next]}
        what={t(`factory.authority.next.${next}.what`)}
        state={t(`factory.authority.next.${next}.state`)}
        next={t(`factory.authority.next.${next}.next`)}
      />
      <ol className={css.chain} aria-label={t('factory.authority.chain')}>
        <RootCard authority={authority} onSign={() => setDialog('sign')} />
        <Arrow />
        <StationCard
          authority={authority}
          lineName={lineName}
          onSign={() => setDialog('sign')}
          onInstall={() => setDialog('install')}
        />
        <Arrow />
        <DeviceCard authority={authority} />
      </ol>
      {dialog === 'sign' && <SignDialog ownRequest={authority.requestPem} onClose={close} />}
      {dialog === 'install' && <InstallDialog onClose={close} />}
    </div>
  )
}
