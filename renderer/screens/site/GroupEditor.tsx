import { TextInput } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Group } from '../../../electron/contract/configuration'
import { Button } from '../../components/Button'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { configureBlock } from '../../model/configuration'
import { problemsOf, rowsOf, sameValues, type ValueRow, valuesOf } from '../../model/values-form'
import { useDevices } from '../../stores/devices'
import { saveGroup } from '../../stores/site'
import { beginConfigure } from '../../wizards/configure/store'
import css from './Site.module.css'

/** Leads to what the template would change on the devices that are members. */
const ApplyToMembers = ({ group }: { readonly group: string }) => {
  const { t } = useTranslation()
  const rows = useDevices((list) => list.rows)
  const members = rows.filter((device) => device.group === group && configureBlock(device) !== 'not-enrolled')
  return (
    <Button
      reason={members.length === 0 ? t('configuration.noMembers') : undefined}
      onClick={() =>
        beginConfigure(
          members.map((device) => device.udn),
          'template',
        )
      }
      data-testid="group-apply"
    >
      {t('configuration.toMembers')}
    </Button>
  )
}

/** Writes a new group, or the initial configuration of one that exists. */
export const GroupEditor = ({
  group,
  onSaved,
}: {
  readonly group: Group | undefined
  readonly onSaved: (name: string) => void
}) => {
  const { t } = useTranslation()
  const [name, setName] = useState(group?.name ?? '')
  const [rows, setRows] = useState<readonly ValueRow[]>(() => rowsOf(group?.values ?? {}))
  const save = useAction(async () => {
    await saveGroup(name.trim(), valuesOf(rows))
    onSaved(name.trim())
  })
  const problems = problemsOf(rows)
  const change = (key: number, part: Partial<ValueRow>) =>
    setRows(rows.map((row) => (row.key === key ? { ...row, ...part } : row)))
  const add = () =>
    setRows([...rows, { key: Math.max(-1, ...rows.map((row) => row.key)) + 1, name: '', value: '' }])
  const reason =
    name.trim() === ''
      ? t('site.groups.nameNeeded')
      : problems.size > 0
        ? t('site.groups.fix')
        : group && sameValues(group.values, valuesOf(rows))
          ? t('site.groups.unchanged')
          : undefined
  return (
    <>
      <div className={css.scroll}>
        <p className="mute">{t('site.groups.hint')}</p>
        <div className={css.form}>
          {group ? (
            <h2>{group.name}</h2>
          ) : (
            <TextInput
              label={t('site.groups.name')}
              value={name}
              maxLength={63}
              onChange={(event) => setName(event.currentTarget.value)}
              data-testid="group-name"
            />
          )}
          <h3>{t('site.groups.values')}</h3>
          {rows.length === 0 ? (
            <p className="mute">{t('site.groups.empty')}</p>
          ) : (
            <div className={css.rows}>
              <div className={`${css.row} ${css.rowHead}`} aria-hidden="true">
                <span>{t('site.groups.parameter')}</span>
                <span>{t('site.groups.value')}</span>
              </div>
              {rows.map((row) => {
                const problem = problems.get(row.key)
                return (
                  <div key={row.key} className={css.row}>
                    <TextInput
                      aria-label={t('site.groups.parameter')}
                      value={row.name}
                      maxLength={64}
                      onChange={(event) => change(row.key, { name: event.currentTarget.value })}
                      error={problem && t(`site.groups.${problem}`)}
                      data-testid={`parameter-name-${row.key}`}
                    />
                    <TextInput
                      aria-label={`${t('site.groups.value')} ${row.name}`}
                      value={row.value}
                      maxLength={1024}
                      onChange={(event) => change(row.key, { value: event.currentTarget.value })}
                      data-testid={`parameter-value-${row.key}`}
                    />
                    <Button
                      className={css.icon ?? ''}
                      aria-label={t('site.groups.removeParameter', { name: row.name })}
                      onClick={() => setRows(rows.filter((one) => one.key !== row.key))}
                    >
                      <IconX size={14} aria-hidden="true" />
                    </Button>
                  </div>
                )
              })}
            </div>
          )}
          <div>
            <Button small onClick={add} data-testid="parameter-add">
              {t('site.groups.addParameter')}
            </Button>
          </div>
          {save.error && <ErrorBox error={save.error} subject={name} />}
        </div>
      </div>
      <div className={css.foot}>
        <Button
          kind="primary"
          busy={save.busy}
          reason={reason}
          onClick={() => void save.run()}
          needs="groups.save"
          data-testid="group-save"
        >
          {t('site.groups.save')}
        </Button>
        {group && <ApplyToMembers group={group.name} />}
        {group && <span className="mute">{t('site.groups.saveNote')}</span>}
      </div>
    </>
  )
}
