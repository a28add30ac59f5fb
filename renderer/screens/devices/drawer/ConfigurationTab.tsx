import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { DeviceConfiguration, Values } from '../../../../electron/contract/configuration'
import type { Device } from '../../../../electron/contract/device'
import { Button } from '../../../components/Button'
import { Pill } from '../../../components/Pill'
import { ErrorBox } from '../../../components/StateBox'
import { useAction } from '../../../components/use-action'
import { useMay } from '../../../components/use-may'
import { changedValues, configureBlock, hasProblem } from '../../../model/configuration'
import { labelOf } from '../../../model/device-facts'
import { preview, readDevice } from '../../../stores/configuration'
import css from '../Drawer.module.css'
import { ConfigurationPlan } from './ConfigurationPlan'
import { ConfigurationValues } from './ConfigurationValues'

const TemplatePill = ({ answer }: { readonly answer: DeviceConfiguration }) => {
  const { t } = useTranslation()
  const { group, differs } = answer
  if (group === undefined) return <span className="mute">{t('configuration.tab.noGroup')}</span>
  return differs.length === 0 ? (
    <Pill tone="ok">{t('configuration.tab.same', { group })}</Pill>
  ) : (
    <Pill tone="warn">{t('configuration.tab.differs', { count: differs.length, group })}</Pill>
  )
}

/** What the device really runs beside its group's template; edited in place, previewed, applied, read back. */
export const ConfigurationTab = ({ device }: { readonly device: Device }) => {
  const { t } = useTranslation()
  const [answer, setAnswer] = useState<DeviceConfiguration>()
  const [typed, setTyped] = useState<Values>()
  const [planId, setPlanId] = useState<string>()
  const mayEdit = useMay('configuration.preview')
  const { udn } = device
  const read = useAction(async () => {
    setAnswer(await readDevice(udn))
    setTyped(undefined)
    setPlanId(undefined)
  })
  const changed = answer && typed ? changedValues(answer, typed) : {}
  const look = useAction(async () =>
    setPlanId((await preview([udn], { kind: 'values', values: changed })).id),
  )
  const block = configureBlock(device)
  const reason = block && t(`devices.reason.${block}`)
  const nothing = Object.keys(changed).length === 0
  const problem = answer !== undefined && hasProblem(answer.parameters, changed)
  const cannotPreview = nothing
    ? t('configuration.tab.unchanged')
    : problem
      ? t('configuration.tab.fix')
      : (reason ?? mayEdit.reason)
  if (planId !== undefined)
    return (
      <ConfigurationPlan
        device={device}
        planId={planId}
        onBack={() => setPlanId(undefined)}
        onRead={() => void read.run()}
      />
    )
  return (
    <>
      <p className="mute">
        {t(block === 'not-enrolled' ? 'devices.drawer.notEnrolled' : 'configuration.tab.hint')}
      </p>
      <div className={css.actions}>
        <Button
          small
          busy={read.busy}
          reason={reason}
          onClick={() => void read.run()}
          data-testid="drawer-read-configuration"
        >
          {t(answer ? 'configuration.tab.readAgain' : 'devices.drawer.readConfiguration')}
        </Button>
        {answer && typed === undefined && (
          <Button small reason={mayEdit.reason} onClick={() => setTyped({})} data-testid="configuration-edit">
            {t('configuration.tab.edit')}
          </Button>
        )}
        {typed && (
          <Button small onClick={() => setTyped(undefined)} data-testid="configuration-stop">
            {t('configuration.tab.stop')}
          </Button>
        )}
        {answer && typed && answer.differs.length > 0 && (
          <Button
            small
            onClick={() => setTyped({ ...typed, ...answer.template })}
            data-testid="configuration-template"
          >
            {t('configuration.tab.takeTemplate')}
          </Button>
        )}
      </div>
      {read.error && <ErrorBox error={read.error} subject={labelOf(device)} />}
      {answer && (
        <>
          <p className={css.actions}>
            <span className="mute">{t('configuration.tab.version', { version: answer.version })}</span>
            <TemplatePill answer={answer} />
          </p>
          {answer.parameters.length === 0 && <p>{t('devices.drawer.noValues')}</p>}
          <ConfigurationValues
            answer={answer}
            typed={typed}
            changed={changed}
            onType={(name, value) => setTyped({ ...typed, [name]: value })}
          />
        </>
      )}
      {typed && (
        <div className={css.actions}>
          <Button
            small
            kind={cannotPreview ? 'plain' : 'primary'}
            busy={look.busy}
            reason={cannotPreview}
            onClick={() => void look.run()}
            data-testid="configure-preview"
          >
            {t('configuration.tab.preview')}
          </Button>
        </div>
      )}
      {look.error && <ErrorBox error={look.error} subject={labelOf(device)} />}
    </>
  )
}
