import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import { Chain, Fingerprint } from '../../components/Chain'
import { Facts, Panel } from '../../components/Panel'
import { Pill } from '../../components/Pill'
import { ScrollPart } from '../../components/ScrollPart'
import { ErrorBox } from '../../components/StateBox'
import type { Check, CommissionStep } from '../../model/commission'
import { labelOf, longLabel } from '../../model/device-facts'
import { useDevices } from '../../stores/devices'
import { BatchList } from './BatchList'
import css from './Commission.module.css'
import { checkAgain, choose, chooseGroup, look } from './store'

type At = Extract<CommissionStep, { step: 'verify' }>

const CheckPill = ({ check }: { readonly check: Check | undefined }) => {
  const { t } = useTranslation()
  if (check?.state === 'good') return <Pill tone="ok">{t('commission.verify.good')}</Pill>
  if (check?.state === 'bad') return <Pill tone="bad">{t('devices.state.not-trusted.word')}</Pill>
  return <Pill tone="info">{t('commission.verify.checking')}</Pill>
}

const OneIdentity = ({ udn, check }: { readonly udn: string; readonly check: Check | undefined }) => {
  const { t } = useTranslation()
  const device = useDevices((list) => list.byUdn.get(udn))
  const identity = check && check.state !== 'checking' ? check.check : undefined
  const leaf = identity?.chain.at(-1)
  return (
    <>
      <div className={css.titleRow}>
        <h2>
          {device?.model ? `${device.model} · ` : ''}
          {longLabel(device, udn)}
        </h2>
        <CheckPill check={check} />
      </div>
      {check?.state === 'bad' && (
        <ErrorBox
          error={{ code: check.code, detail: check.detail }}
          subject={labelOf(device, udn)}
          alert={false}
        >
          <Button small onClick={() => checkAgain([udn])}>
            {t('commission.verify.again')}
          </Button>
        </ErrorBox>
      )}
      {identity && <Chain check={identity} />}
      {leaf && (
        <Facts
          rows={[
            [
              t('identity.serial'),
              <span key="serial" className="mono select-text">
                {leaf.deviceSerial ?? '—'}
              </span>,
            ],
            [
              t('identity.fingerprint'),
              <span key="print">
                <Fingerprint value={leaf.fingerprint} />
                <br />
                <span className="mute">{t('commission.verify.compare')}</span>
              </span>,
            ],
            [
              t('identity.udn'),
              <span key="udn" className="mono select-text">
                {udn}
              </span>,
            ],
          ]}
        />
      )}
      {check?.state === 'checking' && <p className="mute">{t('devices.drawer.verifying')}</p>}
    </>
  )
}

/** Each device proves who it is; those that cannot are left out and stay as they are. */
export const VerifyStep = ({ at }: { readonly at: At }) => {
  const { t } = useTranslation()
  const states = Object.values(at.checks)
  const good = states.filter((check) => check.state === 'good').length
  const bad = states.filter((check) => check.state === 'bad').length
  const checking = states.length - good - bad
  const reason =
    checking > 0
      ? t('commission.verify.stillChecking', { count: checking })
      : good === 0
        ? t('commission.verify.noneGood')
        : undefined
  return (
    <div className={css.split}>
      <Panel className={css.panel} label={t('commission.steps.verify')}>
        <ScrollPart className={css.scroll} label={t('commission.steps.verify')}>
          <p className="mute">{t('commission.verify.hint')}</p>
          <OneIdentity udn={at.current} check={at.checks[at.current]} />
        </ScrollPart>
        <div className={css.foot}>
          <Button kind="primary" reason={reason} onClick={chooseGroup} data-testid="commission-next">
            {t('commission.continue')}
          </Button>
          <Button onClick={() => choose(at.chosen)} data-testid="commission-back">
            {t('shell.back')}
          </Button>
          {bad > 0 && <span className={css.footNote}>{t('commission.verify.excluded', { count: bad })}</span>}
        </div>
      </Panel>
      <Panel className={css.panel}>
        <BatchList
          title={
            <>
              <h2>{t('commission.verify.list')}</h2>
              <p className="mute" role="status">
                {t('commission.verify.counts', { good, bad, checking })}
              </p>
            </>
          }
          label={t('commission.verify.list')}
          udns={at.chosen}
          current={at.current}
          pillOf={(udn) => <CheckPill check={at.checks[udn]} />}
          onLook={look}
        />
      </Panel>
    </div>
  )
}
