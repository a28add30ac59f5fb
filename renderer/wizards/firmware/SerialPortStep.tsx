import { TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import { Panel } from '../../components/Panel'
import { PortHelp, PortName, PortRows } from '../../components/Ports'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import type { SerialAt } from '../../model/firmware-serial'
import { loadPorts, useFactory } from '../../stores/factory'
import { SerialFound } from './SerialFound'
import { choosePort, goToImage, lookAtSlots, showFirmware } from './store'
import css from './Wizard.module.css'

/** The ports of this laptop, and what lies in the slots of what answers there. */
export const SerialPortStep = ({ at }: { readonly at: Extract<SerialAt, { step: 'port' }> }) => {
  const { t } = useTranslation()
  const list = useFactory((factory) => factory.ports)
  const load = useAction(loadPorts)
  const { run: reload } = load
  useEffect(() => void reload(), [reload])
  const { path, look } = at
  const [typed, setTyped] = useState(path)
  useEffect(() => setTyped(path), [path])
  const choose = (next: string) => {
    setTyped(next)
    choosePort(next.trim())
  }
  const lookNow = () => {
    if (path !== '' && look.state !== 'looking') void lookAtSlots(path)
  }
  const reason =
    path === ''
      ? t('rollout.serial.noPort')
      : look.state === 'found'
        ? undefined
        : t('rollout.serial.notLooked')
  return (
    <Panel className={css.panel} label={t('rollout.serial.steps.port')}>
      <div className={css.scroll}>
        <div className={css.cable}>
          <div className={css.cableColumn}>
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
                    className="radio"
                    checked={path === port.path}
                    onChange={() => choose(port.path)}
                    aria-label={t('rollout.serial.choosePort', { path: port.path })}
                    data-testid={`firmware-serial-port-${port.path}`}
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
                label={t('rollout.serial.port')}
                description={t('rollout.serial.portHint')}
                value={typed}
                maxLength={260}
                spellCheck={false}
                classNames={{ input: 'mono' }}
                onChange={(event) => choose(event.currentTarget.value)}
                data-testid="firmware-serial-port"
              />
              <Button
                type="submit"
                kind={look.state === 'found' || path === '' ? 'plain' : 'primary'}
                busy={look.state === 'looking'}
                reason={path === '' ? t('rollout.serial.noPort') : undefined}
                needs="firmware.lookSerial"
                data-testid="firmware-serial-look"
              >
                {t('rollout.serial.look')}
              </Button>
            </form>
          </div>
          <div className={css.cableColumn}>
            {look.state === 'none' && <p className="mute">{t('rollout.serial.lookHint')}</p>}
            {look.state === 'looking' && (
              <p className="mute" role="status">
                {t('rollout.serial.looking')}
              </p>
            )}
            {look.state === 'failed' && <ErrorBox error={look} subject={look.subject ?? path} />}
            {look.state === 'found' && <SerialFound found={look.found} />}
          </div>
        </div>
      </div>
      <div className={css.foot}>
        <Button
          kind={reason ? 'plain' : 'primary'}
          reason={reason}
          onClick={goToImage}
          data-testid="firmware-next"
        >
          {t('rollout.continue')}
        </Button>
        <Button onClick={showFirmware} data-testid="firmware-back">
          {t('shell.back')}
        </Button>
      </div>
    </Panel>
  )
}
