import { TextInput } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Device } from '../../../electron/contract/device'
import { readLabelText } from '../../../electron/contract/label'
import { Ago } from '../../components/Ago'
import { Button } from '../../components/Button'
import { Sign } from '../../components/Sign'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { labelOf } from '../../model/device-facts'
import { networkBlock, waitingForNetwork } from '../../model/provision'
import { search, useDevices } from '../../stores/devices'
import { chooseDevice, goOn, takeLabel, useProvision } from '../../stores/provision'
import css from './Provision.module.css'

/** A field for scanners that type: the label's text and Enter. The code is taken out of it at once. */
const Scan = ({ ready }: { readonly ready: boolean }) => {
  const { t } = useTranslation()
  const [text, setText] = useState('')
  const [serial, setSerial] = useState<string>()
  const [bad, setBad] = useState(false)
  const scanned = useProvision((wizard) => wizard.code !== '')
  const read = () => {
    if (text.trim() === '') {
      if (ready) goOn()
      return
    }
    const label = readLabelText(text)
    setBad(label === undefined)
    setSerial(label?.serialNumber)
    setText('')
    if (label) takeLabel(label)
  }
  return (
    <div>
      <TextInput
        label={t('provision.where.scan')}
        description={t('provision.where.scanHint')}
        value={text}
        maxLength={200}
        autoComplete="off"
        spellCheck={false}
        classNames={{ input: 'mono' }}
        error={bad ? t('provision.where.notLabel') : undefined}
        onChange={(event) => {
          setText(event.currentTarget.value)
          setBad(false)
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return
          event.preventDefault()
          read()
        }}
        autoFocus
        data-testid="provision-scan"
      />
      {serial && scanned && (
        <p role="status" className={css.scanned}>
          <Sign name="check" /> {t('provision.where.scanned', { serial })}
        </p>
      )}
    </div>
  )
}

const Choice = ({ device, chosen }: { readonly device: Device; readonly chosen: boolean }) => (
  <label className={css.choice}>
    <input
      type="radio"
      name="device"
      checked={chosen}
      onChange={() => chooseDevice(device.udn)}
      data-testid={`provision-device-${device.udn}`}
    />
    <span className="strong">{labelOf(device)}</span>
    <span>{device.model ?? '—'}</span>
    <span className="mono">{device.serialNumber ?? '—'}</span>
    <span className="mono">{device.addresses[0]?.address ?? '—'}</span>
    <Ago atMs={device.lastSeenMs} className="mute" />
  </label>
)

/** Devices on the setup network, by their announcements or by the label in the hand. */
export const SetupNetworkPart = ({ udn }: { readonly udn: string }) => {
  const { t } = useTranslation()
  const rows = useDevices((list) => list.rows)
  const byUdn = useDevices((list) => list.byUdn)
  const waiting = useMemo(() => waitingForNetwork(rows), [rows])
  const again = useAction(search)
  return (
    <>
      <Scan ready={networkBlock(udn, byUdn.get(udn)) === undefined} />
      <div className={css.titleRow}>
        <h2>{t('provision.where.waiting')}</h2>
        <Button small busy={again.busy} onClick={() => void again.run()} data-testid="provision-search">
          {t('devices.searchAgain')}
        </Button>
      </div>
      {again.error && <ErrorBox error={again.error} />}
      {waiting.length === 0 ? (
        <div>
          <p className="strong">{t('provision.where.none')}</p>
          <p className="mute">{t('provision.where.noneText')}</p>
        </div>
      ) : (
        <fieldset className={css.choices} aria-label={t('provision.where.waiting')}>
          {waiting.map((device) => (
            <Choice key={device.udn} device={device} chosen={device.udn === udn} />
          ))}
        </fieldset>
      )}
    </>
  )
}
