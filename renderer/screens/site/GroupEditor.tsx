import { NativeSelect, TextInput } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Group } from '../../../electron/contract/configuration'
import { Button } from '../../components/Button'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { configureBlock } from '../../model/configuration'
import { groupsIn, inheritedValues, possibleParents } from '../../model/group-tree'
import { problemsOf, rowsOf, sameValues, type ValueRow, valuesOf } from '../../model/values-form'
import { useDevices } from '../../stores/devices'
import { saveGroup, useSite } from '../../stores/site'
import { beginConfigure } from '../../wizards/configure/store'
import tree from './Group.module.css'
import { GroupInherited } from './GroupInherited'
import { GroupRemove } from './GroupRemove'
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

/** Writes a new group, or one that exists: where it lies, its own values, and what comes from above. */
export const GroupEditor = ({
  group,
  onSaved,
}: {
  readonly group: Group | undefined
  readonly onSaved: (name: string | undefined) => void
}) => {
  const { t } = useTranslation()
  const groups = useSite((site) => site.groups)
  const [name, setName] = useState(group?.name ?? '')
  const [parent, setParent] = useState(group?.parent ?? '')
  const [rows, setRows] = useState<readonly ValueRow[]>(() => rowsOf(group?.values ?? {}))
  const save = useAction(async () => {
    await saveGroup(name.trim(), valuesOf(rows), parent || undefined)
    onSaved(name.trim())
  })
  const inherited = useMemo(() => inheritedValues(groups, parent || undefined), [groups, parent])
  const parents = useMemo(() => possibleParents(groups, group?.name), [groups, group])
  const own = new Set(rows.map((row) => row.name))
  const inside = group ? groupsIn(groups, group.name).length : 0
  const problems = problemsOf(rows)
  const change = (key: number, part: Partial<ValueRow>) =>
    setRows(rows.map((row) => (row.key === key ? { ...row, ...part } : row)))
  const add = (parameter = '', value = '') =>
    setRows([...rows, { key: Math.max(-1, ...rows.map((row) => row.key)) + 1, name: parameter, value }])
  const unchanged =
    group !== undefined && sameValues(group.values, valuesOf(rows)) && parent === (group.parent ?? '')
  const reason =
    name.trim() === ''
      ? t('site.groups.nameNeeded')
      : problems.size > 0
        ? t('site.groups.fix')
        : unchanged
          ? t('site.groups.unchanged')
          : undefined
  return (
    <>
      <div className={css.scroll}>
        <p className="mute">{t('site.groups.hint')}</p>
        <div className={css.form}>
          {group ? (
            <div className={tree.title}>
              <h2>{group.name}</h2>
              <span className="mute">{t('sitePlan.groups.version', { version: group.version })}</span>
            </div>
          ) : (
            <TextInput
              label={t('site.groups.name')}
              value={name}
              maxLength={63}
              onChange={(event) => setName(event.currentTarget.value)}
              data-testid="group-name"
            />
          )}
          <NativeSelect
            label={t('sitePlan.groups.parent')}
            value={parent}
            onChange={(event) => setParent(event.currentTarget.value)}
            data={[
              { value: '', label: t('sitePlan.groups.outermost') },
              ...parents.map((one) => ({ value: one, label: one })),
            ]}
            data-testid="group-parent"
          />
          <h3>{t('sitePlan.groups.own')}</h3>
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
                const hidden = inherited.get(row.name)
                return (
                  <div key={row.key} className={css.row}>
                    <TextInput
                      aria-label={t('site.groups.parameter')}
                      value={row.name}
                      maxLength={64}
                      onChange={(event) => change(row.key, { name: event.currentTarget.value })}
                      error={problem && t(`site.groups.${problem}`)}
                      classNames={{ input: tree.own ?? '' }}
                      data-testid={`parameter-name-${row.key}`}
                    />
                    <TextInput
                      aria-label={`${t('site.groups.value')} ${row.name}`}
                      value={row.value}
                      maxLength={1024}
                      onChange={(event) => change(row.key, { value: event.currentTarget.value })}
                      description={
                        hidden &&
                        t('sitePlan.groups.hides', { value: hidden.value || '—', group: hidden.from })
                      }
                      inputWrapperOrder={['label', 'input', 'description', 'error']}
                      classNames={{ input: tree.own ?? '' }}
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
            <Button small onClick={() => add()} data-testid="parameter-add">
              {t('site.groups.addParameter')}
            </Button>
          </div>
          {parent !== '' && <GroupInherited inherited={inherited} own={own} onOverride={add} />}
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
        {group && <GroupRemove group={group} onRemoved={() => onSaved(undefined)} />}
        {group && (
          <span className="mute">
            {inside > 0 ? t('sitePlan.groups.saveBelow', { count: inside }) : t('site.groups.saveNote')}
          </span>
        )}
      </div>
    </>
  )
}
