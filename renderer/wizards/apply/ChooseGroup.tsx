import { NativeSelect } from '@mantine/core'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import { Panel } from '../../components/Panel'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { labelOf } from '../../model/device-facts'
import { inheritedValues, treeOf } from '../../model/group-tree'
import { useDevices } from '../../stores/devices'
import { useSite } from '../../stores/site'
import { go } from '../../stores/view'
import css from './Apply.module.css'
import { preview, setGroup, useApply } from './store'

const SHOWN = 200
/** A no-break space: ordinary ones at the start of an option are dropped. */
const INDENT = '\u00a0\u00a0\u00a0'

/** Which group the devices go to, and what a member of it is to run. */
export const ChooseGroup = () => {
  const { t } = useTranslation()
  const groups = useSite((site) => site.groups)
  const { chosen, group: wanted } = useApply()
  const byUdn = useDevices((list) => list.byUdn)
  const tree = useMemo(() => treeOf(groups), [groups])
  const group = groups.some(({ name }) => name === wanted) ? wanted : (tree[0]?.group.name ?? '')
  const values = useMemo(
    () => [...inheritedValues(groups, group)].sort(([a], [b]) => (a < b ? -1 : 1)),
    [groups, group],
  )
  const look = useAction(async () => {
    setGroup(group)
    await preview()
  })
  const udns = [...chosen]
  const reason =
    group === ''
      ? t('sitePlan.work.groupNone')
      : udns.length === 0
        ? t('sitePlan.work.noneChosen')
        : undefined
  return (
    <div className={css.split}>
      <Panel className={css.panel} label={t('sitePlan.work.steps.choose')}>
        <div className={css.scroll}>
          <div className={css.form}>
            <p className="mute">{t('sitePlan.work.groupHint')}</p>
            <NativeSelect
              label={t('sitePlan.work.groupLabel')}
              value={group}
              onChange={(event) => setGroup(event.currentTarget.value)}
              data={tree.map(({ group: one, depth }) => ({
                value: one.name,
                label: `${INDENT.repeat(depth)}${one.name}`,
              }))}
              data-testid="apply-group"
            />
            <h2>{t('sitePlan.work.groupValues')}</h2>
            {values.length === 0 && <p className="mute">{t('sitePlan.work.groupNoValues')}</p>}
            <ul className={css.values}>
              {values.map(([name, { value, from }]) => (
                <li key={name} className={css.value}>
                  <span>{name}</span>
                  <span>
                    <span className="mono">{value || '—'}</span>{' '}
                    {from !== group && (
                      <span className="mute">{t('sitePlan.groups.inheritedFrom', { group: from })}</span>
                    )}
                  </span>
                </li>
              ))}
            </ul>
          </div>
          {look.error && <ErrorBox error={look.error} />}
        </div>
        <div className={css.foot}>
          <Button
            kind={reason ? 'plain' : 'primary'}
            busy={look.busy}
            reason={reason}
            onClick={() => void look.run()}
            needs="work.preview"
            data-testid="apply-next"
          >
            {t('sitePlan.work.next')}
          </Button>
          <Button onClick={() => go('devices')} data-testid="apply-leave">
            {t('sitePlan.work.toDevices')}
          </Button>
        </div>
      </Panel>
      <Panel className={css.panel}>
        <div className={css.tools}>
          <h2>{t('sitePlan.work.moving', { count: udns.length })}</h2>
        </div>
        <ul className={css.scroll}>
          {udns.slice(0, SHOWN).map((udn) => (
            <li key={udn} className={css.value}>
              <span className="strong">{labelOf(byUdn.get(udn), udn)}</span>
              <span className="mute">{byUdn.get(udn)?.group ?? '—'}</span>
            </li>
          ))}
        </ul>
      </Panel>
    </div>
  )
}
