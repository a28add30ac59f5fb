import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Device } from '../../../electron/contract/device'
import { Button } from '../../components/Button'
import { Panel, Teach } from '../../components/Panel'
import { StateBox } from '../../components/StateBox'
import { candidates } from '../../model/commission'
import { labelOf } from '../../model/device-facts'
import { DEFAULT_QUERY, queryRows } from '../../model/device-rows'
import { StatePill } from '../../screens/devices/StateCell'
import { useDevices } from '../../stores/devices'
import { useJobs } from '../../stores/jobs'
import { go, showDevice } from '../../stores/view'
import css from './Commission.module.css'
import { choose, showJobs, verify } from './store'

const Choice = ({
  device,
  chosen,
  onToggle,
}: {
  readonly device: Device
  readonly chosen: boolean
  readonly onToggle: () => void
}) => (
  <label className={css.choice}>
    <input
      type="checkbox"
      className="box"
      checked={chosen}
      onChange={onToggle}
      data-testid={`commission-choose-${device.udn}`}
    />
    <span className="strong">{labelOf(device)}</span>
    <span>{device.model ?? '—'}</span>
    <span className="mono">{device.serialNumber ?? '—'}</span>
    <span className="mono">{device.addresses[0]?.address ?? '—'}</span>
    <span>
      <StatePill device={device} />
    </span>
  </label>
)

const RunningBatch = () => {
  const { t } = useTranslation()
  const batch = useJobs((list) => list.batches.find((one) => one.kind === 'commission' && !one.ended))
  if (!batch) return null
  return (
    <StateBox
      tone="info"
      what={t('commission.choose.running')}
      state={t('commission.choose.runningText')}
      next=""
    >
      <Button
        small
        onClick={() => showJobs(batch.jobs.map((job) => job.id))}
        data-testid="commission-running"
      >
        {t('commission.choose.show')}
      </Button>
    </StateBox>
  )
}

/** Which devices to commission: those that can be, and those that cannot yet with the reason. */
export const ChooseStep = ({ chosen }: { readonly chosen: readonly string[] }) => {
  const { t } = useTranslation()
  const rows = useDevices((list) => list.rows)
  const { ready, blocked } = useMemo(() => candidates(queryRows(rows, DEFAULT_QUERY)), [rows])
  const managed = useMemo(() => rows.filter((device) => device.managed).length, [rows])
  const set = new Set(chosen)
  const valid = ready.filter((device) => set.has(device.udn)).map((device) => device.udn)
  const toggle = (udn: string) =>
    choose(set.has(udn) ? chosen.filter((one) => one !== udn) : [...chosen, udn])
  return (
    <Panel className={`${css.whole} ${css.panel}`}>
      {ready.length === 0 ? (
        <div className={css.choices}>
          <Teach
            title={t('commission.choose.empty')}
            testid="commission-empty"
            actions={
              <>
                <Button kind="primary" onClick={() => go('devices')}>
                  {t('devices.title')}
                </Button>
                <Button onClick={() => go('missing')}>{t('devices.whyMissing')}</Button>
              </>
            }
          >
            {managed > 0 && blocked.length === 0 && (
              <p>{t('commission.choose.emptyDone', { count: managed })}</p>
            )}
            <p>{t('commission.choose.emptyText')}</p>
            <RunningBatch />
          </Teach>
          <Blocked devices={blocked} />
        </div>
      ) : (
        <>
          <div className={css.foot} style={{ borderTop: 0 }}>
            <p className="mute">{t('commission.choose.hint')}</p>
            <Button
              small
              className={css.aside ?? ''}
              onClick={() => choose(ready.map((device) => device.udn))}
              data-testid="commission-choose-all"
            >
              {t('commission.choose.all', { count: ready.length })}
            </Button>
          </div>
          <fieldset className={css.choices} aria-label={t('commission.choose.table')}>
            <div className={`${css.choice} ${css.choiceHead}`} aria-hidden="true">
              <span />
              <span>{t('devices.column.name')}</span>
              <span>{t('devices.column.model')}</span>
              <span>{t('identity.serial')}</span>
              <span>{t('devices.column.address')}</span>
              <span>{t('devices.column.state')}</span>
            </div>
            {ready.slice(0, SHOWN).map((device) => (
              <Choice
                key={device.udn}
                device={device}
                chosen={set.has(device.udn)}
                onToggle={() => toggle(device.udn)}
              />
            ))}
            <Blocked devices={blocked} />
          </fieldset>
          <div className={css.foot}>
            <Button
              kind="primary"
              reason={valid.length === 0 ? t('commission.choose.nothing') : undefined}
              onClick={() => verify(valid)}
              data-testid="commission-next"
            >
              {t('commission.continue')}
            </Button>
            <span className="mute" role="status">
              {t('devices.selected', { count: valid.length })}
            </span>
          </div>
        </>
      )}
    </Panel>
  )
}

/** More rows than a person chooses by hand; "choose all" takes the rest too. */
const SHOWN = 500

const Blocked = ({ devices }: { readonly devices: readonly Device[] }) => {
  const { t } = useTranslation()
  if (devices.length === 0) return null
  return (
    <section className={css.blocked}>
      <h3 className="mute">{t('commission.choose.blocked')}</h3>
      <ul>
        {devices.slice(0, 50).map((device) => (
          <li key={device.udn}>
            <Button small kind="quiet" onClick={() => showDevice(device.udn)}>
              {labelOf(device)}
            </Button>
            <span className="mute">
              {device.model} · {t('devices.reason.needs-network')}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
