import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AuthorityView } from '../../../../electron/contract/factory'
import { Button } from '../../../components/Button'
import { PemShown } from '../../../components/Pem'
import { Pill } from '../../../components/Pill'
import { Progress } from '../../../components/Progress'
import { ErrorBox } from '../../../components/StateBox'
import { useAction } from '../../../components/use-action'
import type { Tone } from '../../../model/device-facts'
import { fileName, quotaShare } from '../../../model/station-check'
import { daysUntil, isoDate } from '../../../model/time'
import { useClock } from '../../../stores/clock'
import { requestAuthority } from '../../../stores/factory'
import css from '../Factory.module.css'
import { Card, CardName } from './Card'

const TONE: Readonly<Record<AuthorityView['state'], Tone>> = {
  missing: 'neutral',
  requested: 'warn',
  ready: 'ok',
  expired: 'bad',
  exhausted: 'bad',
}

/** How many certificates are issued of how many, and until when. */
const Limits = ({ authority }: { readonly authority: AuthorityView }) => {
  const { t } = useTranslation()
  const { issued, quota, notAfter } = authority
  const days = useClock(({ nowMs }) => (notAfter === undefined ? undefined : daysUntil(notAfter, nowMs)))
  const text =
    quota === undefined
      ? t('factory.authority.station.noQuota', { issued })
      : t('factory.authority.station.quota', { issued, quota, left: Math.max(quota - issued, 0) })
  return (
    <div className={css.limits}>
      {notAfter && days !== undefined && (
        <p>
          {t(days < 0 ? 'factory.authority.station.ended' : 'factory.authority.station.until', {
            date: isoDate(notAfter),
          })}
          {days >= 0 && <span className="mute"> · {t('devices.days', { count: days })}</span>}
        </p>
      )}
      <p>{text}</p>
      {quota !== undefined && (
        <Progress value={quotaShare(authority)} label={text} bad={authority.state === 'exhausted'} />
      )}
    </div>
  )
}

const RequestForm = ({ lineName }: { readonly lineName: string }) => {
  const { t } = useTranslation()
  const [name, setName] = useState(lineName)
  const make = useAction(() => requestAuthority(name.trim()))
  const reason = name.trim() === '' ? t('factory.nameNeeded') : undefined
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (!reason) void make.run()
      }}
    >
      <TextInput
        label={t('factory.authority.station.name')}
        description={t('factory.authority.station.nameHint')}
        value={name}
        maxLength={64}
        onChange={(event) => setName(event.currentTarget.value)}
        data-testid="request-name"
      />
      <div className={css.actions}>
        <Button
          kind="primary"
          type="submit"
          busy={make.busy}
          reason={reason}
          needs="authority.request"
          data-testid="request-make"
        >
          {t('factory.authority.station.make')}
        </Button>
      </div>
      {make.error && <ErrorBox error={make.error} />}
    </form>
  )
}

/** The station's own authority: its request, the answer to it, and what is left of it. */
export const StationCard = ({
  authority,
  lineName,
  onSign,
  onInstall,
}: {
  readonly authority: AuthorityView
  readonly lineName: string
  readonly onSign: () => void
  readonly onInstall: () => void
}) => {
  const { t } = useTranslation()
  const { state, requestPem, rootHere } = authority
  const [renewing, setRenewing] = useState(false)
  const installed = state !== 'missing' && state !== 'requested'
  return (
    <Card
      title={t('factory.authority.station.title')}
      pill={<Pill tone={TONE[state]}>{t(`factory.authority.state.${state}`)}</Pill>}
      testid="authority-station"
    >
      {installed && (
        <>
          <CardName name={authority.commonName} fingerprint={authority.fingerprint} />
          <Limits authority={authority} />
        </>
      )}
      {requestPem !== undefined ? (
        <>
          <PemShown
            label={t('factory.authority.station.request')}
            pem={requestPem}
            rows={installed ? 3 : 5}
            fileName={fileName(lineName, ' request.pem')}
            testid="request-pem"
          />
          <div className={css.actions}>
            {rootHere && (
              <Button kind="primary" onClick={onSign} needs="authority.sign" data-testid="request-sign">
                {t('factory.authority.station.signHere')}
              </Button>
            )}
            <Button
              kind={rootHere ? 'plain' : 'primary'}
              onClick={onInstall}
              needs="authority.install"
              data-testid="install-open"
            >
              {t('factory.authority.station.install')}
            </Button>
          </div>
        </>
      ) : state === 'ready' && !renewing ? (
        <div className={css.actions}>
          <Button onClick={() => setRenewing(true)} needs="authority.request" data-testid="request-new">
            {t('factory.authority.station.renew')}
          </Button>
        </div>
      ) : (
        <RequestForm lineName={authority.commonName ?? lineName} />
      )}
    </Card>
  )
}
