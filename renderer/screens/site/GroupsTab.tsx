import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import { Panel, Teach } from '../../components/Panel'
import { loadGroups, useSite } from '../../stores/site'
import { beginConfigure } from '../../wizards/configure/store'
import { GroupEditor } from './GroupEditor'
import css from './Site.module.css'

/** Groups at the left, the chosen one with its initial configuration at the right. */
export const GroupsTab = () => {
  const { t } = useTranslation()
  const groups = useSite((site) => site.groups)
  /** Name of the shown group; `null` while a new one is written. */
  const [chosen, setChosen] = useState<string | null | undefined>()
  const shown = chosen === null ? undefined : (groups.find((group) => group.name === chosen) ?? groups[0])
  const isNew = chosen === null
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
        <ul className={css.groups} aria-label={t('site.groups.list')}>
          {groups.map((group) => (
            <li key={group.name}>
              <button
                type="button"
                className={css.group}
                aria-current={!isNew && shown?.name === group.name ? true : undefined}
                onClick={() => setChosen(group.name)}
                data-testid={`group-${group.name}`}
              >
                <span className="strong">{group.name}</span>
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
