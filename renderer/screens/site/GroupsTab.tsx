import { IconCornerDownRight } from '@tabler/icons-react'
import { useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import { Panel, Teach } from '../../components/Panel'
import { treeOf } from '../../model/group-tree'
import { loadGroups, useSite } from '../../stores/site'
import { beginConfigure } from '../../wizards/configure/store'
import tree from './Group.module.css'
import { GroupEditor } from './GroupEditor'
import css from './Site.module.css'

/** Groups at the left, the chosen one with its initial configuration at the right. */
export const GroupsTab = () => {
  const { t } = useTranslation()
  const groups = useSite((site) => site.groups)
  /** Name of the shown group; `null` while a new one is written. */
  const [chosen, setChosen] = useState<string | null | undefined>()
  const shown =
    chosen === null ? undefined : (groups.find((group) => group.name === chosen) ?? treeOf(groups)[0]?.group)
  const isNew = chosen === null
  const rows = useMemo(() => treeOf(groups), [groups])
  // Members come and go while other screens are shown; what was loaded before stays if this fails.
  useEffect(() => void loadGroups().catch(() => undefined), [])
  return (
    <div className={css.split}>
      <Panel className={css.panel}>
        <div className={css.head}>
          <h2>{t('site.groups.list')}</h2>
          <Button small onClick={() => setChosen(null)} data-testid="group-new">
            {t('site.groups.new')}
          </Button>
        </div>
        <ul className={css.groups} aria-label={t('sitePlan.groups.tree')}>
          {rows.map(({ group, depth }) => (
            <li
              key={group.name}
              className={depth > 0 ? tree[`depth${Math.min(depth, 3)}`] : undefined}
              data-testid={`group-row-${group.name}`}
              data-depth={depth}
            >
              <button
                type="button"
                className={css.group}
                aria-current={!isNew && shown?.name === group.name ? true : undefined}
                onClick={() => setChosen(group.name)}
                data-testid={`group-${group.name}`}
              >
                <span className={`strong ${tree.name}`}>
                  {depth > 0 && (
                    <span className={tree.branch} aria-hidden="true">
                      <IconCornerDownRight size={13} />
                    </span>
                  )}
                  {group.name}
                  {group.parent && (
                    <span className="hidden-visually">
                      {t('sitePlan.groups.parent')} {group.parent}
                    </span>
                  )}
                </span>
                <span className="mute">
                  {group.members !== undefined && `${t('site.groups.members', { count: group.members })} · `}
                  {t('site.groups.version', { version: group.version })}
                </span>
              </button>
            </li>
          ))}
        </ul>
        <div className={css.foot}>
          <Button small onClick={() => beginConfigure([])} data-testid="configure-open">
            {t('configuration.open')}
          </Button>
        </div>
      </Panel>
      <Panel className={css.panel}>
        {shown || isNew ? (
          <GroupEditor
            key={isNew ? ' new' : `${shown?.name} ${shown?.version}`}
            group={isNew ? undefined : shown}
            onSaved={setChosen}
          />
        ) : (
          <Teach
            title={t('site.groups.teach')}
            actions={
              <Button kind="primary" onClick={() => setChosen(null)}>
                {t('site.groups.new')}
              </Button>
            }
          >
            <p>{t('site.groups.teachText')}</p>
          </Teach>
        )}
      </Panel>
    </div>
  )
}
