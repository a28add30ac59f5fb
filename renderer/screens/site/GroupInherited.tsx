import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import type { InheritedValue } from '../../model/group-tree'
import css from './Group.module.css'

/** What comes from the groups above and is not set here, with the name of the group that gives it. */
export const GroupInherited = ({
  inherited,
  own,
  onOverride,
}: {
  readonly inherited: ReadonlyMap<string, InheritedValue>
  readonly own: ReadonlySet<string>
  readonly onOverride: (name: string, value: string) => void
}) => {
  const { t } = useTranslation()
  const rows = [...inherited].filter(([name]) => !own.has(name)).sort(([a], [b]) => (a < b ? -1 : 1))
  return (
    <>
      <h3>{t('sitePlan.groups.inherited')}</h3>
      {rows.length === 0 ? (
        <p className="mute">{t('sitePlan.groups.inheritedNone')}</p>
      ) : (
        <ul data-testid="group-inherited">
          {rows.map(([name, { value, from }]) => (
            <li key={name} className={css.inherited} data-testid={`inherited-${name}`}>
              <span>{name}</span>
              <span className="mono">{value || '—'}</span>
              <span className={css.chip}>{t('sitePlan.groups.inheritedFrom', { group: from })}</span>
              <Button
                small
                kind="quiet"
                aria-label={`${t('sitePlan.groups.override')}: ${name}`}
                onClick={() => onOverride(name, value)}
                needs="groups.save"
              >
                {t('sitePlan.groups.override')}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
