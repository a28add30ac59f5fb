import { NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import { Panel } from '../../components/Panel'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import type { CommissionStep } from '../../model/commission'
import { saveGroup, useSite } from '../../stores/site'
import css from './Commission.module.css'
import { backToVerify, setGroup, startJobs } from './store'

type At = Extract<CommissionStep, { step: 'group' }>

const NEW = '\u0000new'
const WILL = ['identity', 'approve', 'issue', 'configure', 'confirm'] as const

/** The group, the configuration that comes with it, and in words what will happen to each device. */
export const GroupStep = ({ at }: { readonly at: At }) => {
  const { t } = useTranslation()
  const groups = useSite((site) => site.groups)
  const [choice, setChoice] = useState(at.group || NEW)
  const [name, setName] = useState('')
  const isNew = choice === NEW
  const taken = groups.some((group) => group.name === name.trim())
  const values = Object.entries(groups.find((group) => group.name === choice)?.values ?? {})
  const start = useAction(async () => {
    if (isNew) await saveGroup(name.trim(), {})
    setGroup(isNew ? name.trim() : choice)
    await startJobs()
  })
  const reason =
    isNew && name.trim() === ''
      ? t('commission.group.nameNeeded')
      : isNew && taken
        ? t('commission.group.nameTaken')
        : undefined
  return (
    <div className={css.split}>
      <Panel className={css.panel} label={t('commission.steps.group')}>
        <div className={css.scroll}>
          <p className="mute">{t('commission.group.hint')}</p>
          <div className={css.groupForm}>
            <NativeSelect
              label={t('commission.group.label')}
              value={choice}
              onChange={(event) => setChoice(event.currentTarget.value)}
              data={[
                ...groups.map((group) => ({ value: group.name, label: group.name })),
                { value: NEW, label: t('commission.group.new') },
              ]}
              data-testid="commission-group"
            />
            {isNew && (
              <TextInput
                label={t('commission.group.newName')}
                value={name}
                maxLength={63}
                onChange={(event) => setName(event.currentTarget.value)}
                error={taken ? t('commission.group.nameTaken') : undefined}
                data-autofocus
                data-testid="commission-group-name"
              />
            )}
          </div>
          <h2>
            {values.length === 0
              ? t('commission.group.noParameters')
              : t('commission.group.parameters', { count: values.length })}
          </h2>
          {values.length > 0 && (
            <table className={css.values}>
              <thead>
                <tr>
                  <th scope="col">{t('devices.drawer.parameter')}</th>
                  <th scope="col">{t('devices.drawer.value')}</th>
                </tr>
              </thead>
              <tbody>
                {values.map(([parameter, value]) => (
                  <tr key={parameter}>
                    <td>{parameter}</td>
                    <td className="mono">{value}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          <p className="mute">{t('commission.group.editLater')}</p>
          {start.error && <ErrorBox error={start.error} />}
        </div>
        <div className={css.foot}>
          <Button
            kind="primary"
            busy={start.busy}
            reason={reason}
            onClick={() => void start.run()}
            needs="jobs.commission"
            data-testid="commission-next"
          >
            {t('commission.group.start', { count: at.good.length })}
          </Button>
          <Button onClick={backToVerify} data-testid="commission-back">
            {t('shell.back')}
          </Button>
          <span className={css.footNote}>{t('commission.approve.nothingChanged')}</span>
        </div>
      </Panel>
      <Panel className={css.panel}>
        <div className={css.scroll}>
          <h2>{t('commission.group.summary')}</h2>
          <ol className={css.will}>
            {WILL.map((one) => (
              <li key={one}>{t(`commission.group.will.${one}`)}</li>
            ))}
          </ol>
        </div>
      </Panel>
    </div>
  )
}
