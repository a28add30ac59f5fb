import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Device } from '../../../electron/contract/device'
import { Button } from '../../components/Button'
import { Panel } from '../../components/Panel'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { useMay } from '../../components/use-may'
import { shareParameters, typedValue, valueProblem } from '../../model/configuration'
import { useDevices } from '../../stores/devices'
import { useSite } from '../../stores/site'
import css from './Configure.module.css'
import { previewChange, setKind, showDevices, useConfigure } from './store'
import { useParameters } from './use-parameters'
import { ValuesForm } from './ValuesForm'

const Templates = ({ devices }: { readonly devices: readonly Device[] }) => {
  const { t } = useTranslation()
  const groups = useSite((site) => site.groups)
  const names = new Set(devices.map((device) => device.group))
  const used = groups.filter((group) => names.has(group.name))
  const without = devices.filter(({ group }) => !used.some(({ name }) => name === group)).length
  return (
    <div className={css.scroll}>
      <h2>{t('configuration.values.groups')}</h2>
      <ul className={css.groups}>
        {used.map((group) => {
          const count = Object.keys(group.values).length
          return (
            <li key={group.name}>
              <span className="strong">
                {t('configuration.values.group', { name: group.name, version: group.version })}
              </span>
              <span className="mute">
                {count > 0
                  ? t('configuration.values.groupValues', { count })
                  : t('configuration.values.groupEmpty')}
              </span>
            </li>
          )
        })}
      </ul>
      {without > 0 && <p>{t('configuration.values.noGroup', { count: without })}</p>}
    </div>
  )
}

/** What to change: the template of each device's group, or values of one's own. */
export const ValuesStep = () => {
  const { t } = useTranslation()
  const byUdn = useDevices((list) => list.byUdn)
  const { chosen, kind, typed } = useConfigure()
  const devices = useMemo(() => [...chosen].flatMap((udn) => byUdn.get(udn) ?? []), [chosen, byUdn])
  const udns = devices.map((device) => device.udn)
  const known = useParameters(devices)
  const shared = useMemo(() => shareParameters(known.byModel), [known.byModel])
  const may = useMay('configuration.preview')
  const wanted = shared.flatMap(({ parameter }) => {
    const text = Object.hasOwn(typed, parameter.name) ? typed[parameter.name] : undefined
    return text === undefined ? [] : [{ parameter, text: typedValue(parameter.type, text) }]
  })
  const look = useAction(() =>
    previewChange(
      kind === 'template'
        ? { kind }
        : { kind, values: Object.fromEntries(wanted.map(({ parameter, text }) => [parameter.name, text])) },
      udns,
    ),
  )
  const reason = (): string | undefined => {
    if (udns.length === 0) return t('configuration.devices.none')
    if (kind === 'template')
      return devices.every((device) => device.group === undefined)
        ? t('configuration.values.noTemplate')
        : may.reason
    if (wanted.length === 0) return t('configuration.values.nothing')
    const bad = wanted.some(({ parameter, text }) => valueProblem(parameter, text))
    return bad ? t('configuration.values.fix') : may.reason
  }
  const why = reason()
  return (
    <Panel className={css.panel} label={t('configuration.steps.values')}>
      <fieldset className={css.choices} aria-label={t('configuration.steps.values')}>
        {(['values', 'template'] as const).map((one) => (
          <label key={one} className={css.choice}>
            <input
              type="radio"
              name="configure-kind"
              className="radio"
              checked={kind === one}
              onChange={() => setKind(one)}
              data-testid={`configure-kind-${one}`}
            />
            <span>
              <span className="strong">{t(`configuration.values.${one}`)}</span>
              <span className="mute">{t(`configuration.values.${one}Hint`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {kind === 'template' ? (
        <Templates devices={devices} />
      ) : (
        <div className={css.scroll}>
          {known.asked ? (
            <>
              {shared.length === 0 && <p>{t('configuration.values.noneAnswers')}</p>}
              {known.error && <ErrorBox error={known.error} />}
              {shared.length > 0 && <ValuesForm shared={shared} models={known.byModel.size} />}
            </>
          ) : (
            <p className="mute" role="status">
              {t('configuration.values.asking')}
            </p>
          )}
        </div>
      )}
      <div className={css.foot}>
        <Button
          kind={why ? 'plain' : 'primary'}
          busy={look.busy}
          reason={why}
          onClick={() => void look.run()}
          data-testid="configure-preview"
        >
          {t('configuration.values.preview')}
        </Button>
        <Button onClick={showDevices} data-testid="configure-back">
          {t('shell.back')}
        </Button>
        <span className="mute" role="status">
          {look.busy
            ? t('configuration.values.previewing', { count: udns.length })
            : [
                t('configuration.devices.chosen', { count: udns.length }),
                kind === 'values' && t('configuration.values.chosen', { count: wanted.length }),
              ]
                .filter(Boolean)
                .join(' · ')}
        </span>
      </div>
      {look.error && (
        <div className={css.footError}>
          <ErrorBox error={look.error} />
        </div>
      )}
    </Panel>
  )
}
