import { Menu } from '@mantine/core'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { Chips } from '../../components/Chips'
import chips from '../../components/Chips.module.css'
import { useLanguage } from '../../i18n'
import { FILTERS } from '../../model/device-rows'
import type { ChipCounts, ValueCounts } from '../../model/device-summary'
import { setQuery, useView } from '../../stores/view'
import css from './Devices.module.css'

const ValueChip = ({
  label,
  values,
  value,
  onPick,
  testid,
}: {
  readonly label: (value: string) => string
  readonly values: ValueCounts
  readonly value: string | undefined
  readonly onPick: (value: string | undefined) => void
  readonly testid: string
}) => {
  const { t } = useTranslation()
  const nameOf = (one: string) => one || t('devices.noneValue')
  return (
    <Menu position="bottom-start" transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <button
          type="button"
          className={chips.chip}
          data-on={value !== undefined || undefined}
          data-testid={testid}
        >
          {label(value === undefined ? t('devices.any') : nameOf(value))} <span aria-hidden="true">▾</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => onPick(undefined)}>{t('devices.any')}</Menu.Item>
        {values.map(([one, count]) => (
          <Menu.Item
            key={one}
            onClick={() => onPick(one)}
            rightSection={<span className="mute">{count}</span>}
          >
            {nameOf(one)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

/** Filters with what each of them would show. */
export const FilterChips = memo(
  ({ counts, shown }: { readonly counts: ChipCounts; readonly shown: number }) => {
    const { t } = useTranslation()
    const language = useLanguage()
    const query = useView((view) => view.query)
    const { filters, groups, models } = counts
    return (
      <Chips
        label={t('devices.filters')}
        all={FILTERS}
        on={query.filter}
        text={(filter) => `${t(`devices.filter.${filter}`)} ${filters[filter].toLocaleString(language)}`}
        onPick={(filter) => setQuery({ filter })}
        testid="filter"
      >
        <ValueChip
          label={(value) => t('devices.groupFilter', { value })}
          values={groups}
          value={query.group}
          onPick={(group) => setQuery({ group })}
          testid="filter-group"
        />
        <ValueChip
          label={(value) => t('devices.modelFilter', { value })}
          values={models}
          value={query.model}
          onPick={(model) => setQuery({ model })}
          testid="filter-model"
        />
        {shown < filters.all && (
          <span className={`mute ${css.shown}`} role="status">
            {t('devices.shownOf', { shown, count: filters.all })}
          </span>
        )}
      </Chips>
    )
  },
)
