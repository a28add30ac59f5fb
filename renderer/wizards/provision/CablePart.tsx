import { TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { PHASES, type Phase } from '../../../electron/contract/phases'
import type { SerialDevice } from '../../../electron/contract/provision'
import { Button } from '../../components/Button'
import { Chain } from '../../components/Chain'
import { Facts } from '../../components/Panel'
import { PortHelp, PortName, PortRows } from '../../components/Ports'
import { ErrorBox, StateBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { serialBlock, type Target } from '../../model/provision'
import { loadPorts, useFactory } from '../../stores/factory'
import { choosePort, lookAtPort } from '../../stores/provision'
import css from './Provision.module.css'

type AtCable = Extract<Target, { via: 'serial' }>

const isPhase = (text: string): text is Phase => (PHASES as readonly string[]).includes(text)

/** Who the device says it is, and whether it could prove it. */
const Found = ({ device }: { readonly device: SerialDevice }) => {
  const { t } = useTranslation()
  const block = serialBlock({ state: 'found', device })
  const mono = (text: string) => <span className="mono select-text">{text}</span>
  return (
    <section className={css.found} data-testid="provision-found">
      <h2>
        {device.model}
        {device.serialNumber && ` · ${device.serialNumber}`}
      </h2>
      {device.check && <Chain check={device.check} />}
      {device.check && !device.check.trusted ? (
        <ErrorBox
          error={{ code: device.check.code ?? 'IDENTITY_NOT_TRUSTED', detail: device.check.detail }}
          subject={device.serialNumber}
          alert={false}
        />
      ) : block === 'no-identity' || block === 'has-site' || block === 'busy' ? (
        <StateBox
          tone="warn"
          what={t(`provision.where.blockText.${block}.what`)}
          state={t(`provision.where.blockText.${block}.state`)}
          next={t(`provision.where.blockText.${block}.next`)}
        />
      ) : (
        <p>{t('provision.where.identityGood')}</p>
      )}
      {!block && device.phase === 'commissioning' && <p>{t('provision.where.again')}</p>}
      <Facts
        rows={[
          [
            t('identity.serial'),
            device.serialNumber ? mono(device.serialNumber) : t('provision.where.noSerial'),
          ],
          [
            t('provision.where.phase'),
            isPhase(device.phase) ? t(`devices.phase.${device.phase}`) : device.phase,
          ],
          [t('provision.where.firmware'), mono(device.firmwareVersion)],
          ...(device.udn ? [[t('identity.udn'), mono(device.udn)] as const] : []),
        ]}
      />
    </section>
  )
}

/** The ports of this laptop, and what answers at the chosen one. */
export const CablePart = ({ target }: { readonly target: AtCable }) => {
  const { t } = useTranslation()
  const list = useFactory((factory) => factory.ports)
  const load = useAction(loadPorts)
  const { run: reload } = load
  useEffect(() => void reload(), [reload])
  const { path, look } = target
  const [typed, setTyped] = useState(path)
  useEffect(() => setTyped(path), [path])
  const choose = (next: string) => {
    setTyped(next)
    choosePort(next.trim())
  }
  const lookNow = () => {
    if (path !== '' && look.state !== 'looking') void lookAtPort(path)
  }
  return (
    <div className={css.cable}>
      <div className={css.column}>
        <div className={css.titleRow}>
          <h2>{t('factory.ports.found')}</h2>
          <Button small busy={load.busy} onClick={() => void load.run()} data-testid="ports-again">
            {t('factory.ports.again')}
          </Button>
        </div>
        {load.error && <ErrorBox error={load.error} />}
        <PortRows ports={list?.ports ?? []} label={t('factory.ports.found')}>
          {(port) => (
            <label className={css.port}>
              <input
                type="radio"
                name="port"
                checked={path === port.path}
                onChange={() => choose(port.path)}
                aria-label={t('provision.where.choosePort', { path: port.path })}
                data-testid={`provision-port-${port.path}`}
              />
              <PortName port={port} />
            </label>
          )}
        </PortRows>
        <PortHelp list={list} />
        <form
          className={css.byHand}
          onSubmit={(event) => {
            event.preventDefault()
            lookNow()
          }}
        >
          <TextInput
            label={t('provision.where.port')}
            description={t('provision.where.portHint')}
            value={typed}
            maxLength={260}
            spellCheck={false}
            classNames={{ input: 'mono' }}
            onChange={(event) => choose(event.currentTarget.value)}
            data-testid="provision-port"
          />
          <Button
            type="submit"
            kind={look.state === 'found' ? 'plain' : 'primary'}
            busy={look.state === 'looking'}
            reason={path === '' ? t('provision.where.block.no-port') : undefined}
            needs="provision.look"
            data-testid="provision-look"
          >
            {t('provision.where.look')}
          </Button>
        </form>
      </div>
      <div className={css.column}>
        {look.state === 'none' && <p className="mute">{t('provision.where.lookHint')}</p>}
        {look.state === 'looking' && (
          <p className="mute" role="status">
            {t('provision.where.looking')}
          </p>
        )}
        {look.state === 'failed' && <ErrorBox error={look} subject={look.subject ?? path} />}
        {look.state === 'found' && <Found device={look.device} />}
      </div>
    </div>
  )
}
