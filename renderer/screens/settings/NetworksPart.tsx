import { Checkbox, Switch } from '@mantine/core'
import { useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { NetworkInterface } from '../../../electron/contract/discovery'
import type { Settings } from '../../../electron/contract/settings'
import { Allowed } from '../../components/Allowed'
import { Part } from '../../components/Panel'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { loadInterfaces, saveSettings, useSession } from '../../stores/session'
import css from './Settings.module.css'

/** The addresses of an interface as one line of text. */
export const useInterfaceText = () => {
  const { t } = useTranslation()
  return (one: NetworkInterface): string => {
    const addresses = [
      ...one.addresses4.map(({ address, prefix }) => `${address}/${prefix}`),
      ...one.addresses6LinkLocal.slice(0, 1),
    ]
    return [
      addresses.join(', ') || t('settings.networks.noAddress'),
      one.loopback && t('settings.networks.loopback'),
    ]
      .filter(Boolean)
      .join(' · ')
  }
}

/** On which networks devices are searched and heard. */
export const NetworksPart = ({ settings }: { readonly settings: Settings }) => {
  const { t } = useTranslation()
  const interfaces = useSession((session) => session.interfaces)
  const textOf = useInterfaceText()
  const save = useAction(saveSettings)
  const load = useAction(loadInterfaces)
  const { run: reload } = load
  useEffect(() => void reload(), [reload])
  const [choosing, setChoosing] = useState(false)
  const chosen = settings.interfaces
  const all = chosen.length === 0 && !choosing
  const names = useMemo(() => {
    const present = interfaces.map((one) => one.name)
    return [...present, ...chosen.filter((name) => !present.includes(name))]
  }, [interfaces, chosen])
  const toggle = (name: string) => {
    const next = chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]
    // An empty list would mean "all": the last tick stays until another one is set.
    if (next.length > 0) void save.run({ interfaces: next })
  }
  return (
    <Part title={t('settings.networks.title')} hint={t('settings.networks.hint')} testid="settings-networks">
      <Allowed needs="settings.set">
        <div className={css.fields}>
          <Checkbox
            label={t('settings.networks.all')}
            description={t('settings.networks.allHint')}
            checked={all}
            onChange={(event) => {
              setChoosing(!event.currentTarget.checked)
              if (event.currentTarget.checked) void save.run({ interfaces: [] })
            }}
            data-testid="interfaces-all"
          />
          {!all && (
            <fieldset className={css.checks} aria-label={t('settings.networks.some')}>
              {names.map((name) => {
                const one = interfaces.find((each) => each.name === name)
                return (
                  <Checkbox
                    key={name}
                    label={name}
                    description={one ? textOf(one) : t('settings.networks.gone')}
                    checked={chosen.includes(name)}
                    onChange={() => toggle(name)}
                    data-testid={`interface-${name}`}
                  />
                )
              })}
              {chosen.length === 0 && <p className="mute">{t('settings.networks.needOne')}</p>}
            </fieldset>
          )}
          <Switch
            label={t('settings.networks.offSubnet')}
            description={t('settings.networks.offSubnetHint')}
            checked={settings.allowOffSubnet}
            onChange={(event) => void save.run({ allowOffSubnet: event.currentTarget.checked })}
            data-testid="allow-off-subnet"
          />
          {(save.error ?? load.error) && <ErrorBox error={save.error ?? load.error ?? { code: 'DEFECT' }} />}
        </div>
      </Allowed>
    </Part>
  )
}
