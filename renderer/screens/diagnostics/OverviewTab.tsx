import { useDeferredValue, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Announcer } from '../../components/Announcer'
import { Button } from '../../components/Button'
import { Chips } from '../../components/Chips'
import { Teach } from '../../components/Panel'
import { useKeys } from '../../components/use-keys'
import { VirtualTable } from '../../components/VirtualTable'
import { useLanguage } from '../../i18n'
import { HEALTH_FILTERS, type HealthFilter, type HealthRow } from '../../model/health'
import { useHealth } from '../../stores/health'
import { go } from '../../stores/view'
import { CHART_MOST, selectHealth, toggleHealth, useDiagnostics } from '../../wizards/diagnostics/store'
import board from '../firmware/Board.module.css'
import css from './Diagnostics.module.css'
import { HEALTH_COLUMNS, HealthCell } from './HealthCell'
import { HealthChart } from './HealthChart'
import { useOverview } from './use-overview'

const keyOf = ({ udn }: HealthRow) => udn
const rowTestid = ({ udn }: HealthRow) => `health-row-${udn}`
const able = () => true

/** Every device of the site, worst first, and below them the chart of those that are ticked. */
export const OverviewTab = () => {
  const { t } = useTranslation()
  const language = useLanguage()
  const [filter, setFilter] = useState<HealthFilter>('all')
  const [typed, setTyped] = useState('')
  const text = useDeferredValue(typed)
  const loaded = useHealth((mirror) => mirror.loaded)
  const selected = useDiagnostics((place) => place.selected)
  const { rows, counts } = useOverview(filter, text)
  const box = useRef<HTMLInputElement>(null)
  useKeys([
    ['/', () => box.current?.focus()],
    ['Escape', () => selectHealth([])],
  ])
  const headline = t('diagnostics.headline', counts)
  if (counts.all === 0)
    return loaded ? (
      <section className={css.panel}>
        <Teach
          title={t('diagnostics.empty.title')}
          actions={
            <Button kind="primary" onClick={() => go('commission')}>
              {t('diagnostics.empty.goDevices')}
            </Button>
          }
          testid="health-empty"
        >
          <p>{t('diagnostics.empty.text')}</p>
        </Teach>
      </section>
    ) : null
  return (
    <div className={css.stack}>
      <section className={css.panel} aria-label={t('diagnostics.table')}>
        <Announcer text={headline} everyMs={15_000} />
        <div className={board.tools}>
          <Chips
            label={t('devices.filters')}
            all={HEALTH_FILTERS}
            on={filter}
            text={(one) => `${t(`diagnostics.filter.${one}`)} ${counts[one].toLocaleString(language)}`}
            onPick={setFilter}
            testid="health-filter"
          />
          {selected.size > 0 && (
            <Button small kind="quiet" keys="Esc" onClick={() => selectHealth([])} data-testid="health-clear">
              {t('diagnostics.clearSelection')}
            </Button>
          )}
          <input
            ref={box}
            type="search"
            className={board.search}
            value={typed}
            placeholder={t('diagnostics.search')}
            aria-label={t('diagnostics.search')}
            aria-keyshortcuts="/"
            onChange={(event) => setTyped(event.currentTarget.value)}
            data-testid="health-search"
          />
        </div>
        {rows.length === 0 ? (
          <Teach
            title={t('diagnostics.empty.noMatch')}
            actions={
              <Button
                onClick={() => {
                  setFilter('all')
                  setTyped('')
                }}
              >
                {t('diagnostics.empty.showAll')}
              </Button>
            }
          >
            <p>{t('diagnostics.empty.noMatchText')}</p>
          </Teach>
        ) : (
          <VirtualTable
            rows={rows}
            keyOf={keyOf}
            columns={HEALTH_COLUMNS}
            Cell={HealthCell}
            head={(column) => <span>{t(`diagnostics.column.${column}`)}</span>}
            label={t('diagnostics.table')}
            testid="health-table"
            rowTestid={rowTestid}
            choice={{
              chosen: selected,
              toggle: toggleHealth,
              able,
              labelOf: ({ label }) => t('diagnostics.select', { name: label }),
              all: (
                <input
                  type="checkbox"
                  className="box"
                  aria-label={t('diagnostics.wizard.chooseAll')}
                  checked={selected.size > 0 && rows.every(({ udn }) => selected.has(udn))}
                  ref={(one) => {
                    if (one)
                      one.indeterminate = selected.size > 0 && !rows.every(({ udn }) => selected.has(udn))
                  }}
                  onChange={() => selectHealth(selected.size > 0 ? [] : rows.map(keyOf))}
                />
              ),
            }}
          />
        )}
      </section>
      {selected.size === 0 ? (
        <p className={`mute ${css.hintLine}`}>{t('diagnostics.chart.choose')}</p>
      ) : (
        <HealthChart udns={[...selected].slice(0, CHART_MOST)} of={selected.size} />
      )}
    </div>
  )
}
