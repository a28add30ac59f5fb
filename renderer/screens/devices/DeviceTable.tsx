// biome-ignore-all lint/a11y/useSemanticElements: rows are placed by hand in a virtual grid, which <table> cannot do
// biome-ignore-all lint/a11y/useFocusableInteractive: one row has the tab stop; heads hold buttons
import { useVirtualizer } from '@tanstack/react-virtual'
import type { TFunction } from 'i18next'
import { memo, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Device } from '../../../electron/contract/device'
import { allOf, countSelected } from '../../model/bulk'
import { type Column, fitColumns, gridTemplate } from '../../model/columns'
import { labelOf } from '../../model/device-facts'
import { openDetail, select, setQuery, toggleSelected, useView } from '../../stores/view'
import { DeviceCell } from './DeviceCell'
import css from './Devices.module.css'

const ROW_HEIGHT = 36
/** The head stays above the rows inside the same scroller, so that both have the same columns. */
const HEAD_HEIGHT = 33

/** Where a key leads to, from a row, with the rows of a page and the last row. */
const target = (key: string, row: number, page: number, last: number): number | undefined => {
  switch (key) {
    case 'ArrowDown':
      return row + 1
    case 'ArrowUp':
      return row - 1
    case 'PageDown':
      return row + page
    case 'PageUp':
      return row - page
    case 'Home':
      return 0
    case 'End':
      return last
    default:
      return undefined
  }
}

/** Width of an element in px, kept up to date. */
const useWidth = () => {
  const element = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const target = element.current
    if (!target) return
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(entry.contentRect.width)
    })
    observer.observe(target)
    return () => observer.disconnect()
  }, [])
  return [element, width] as const
}

/** Beside the heads of the columns, so that a selection draws none of them anew. */
const SelectAll = ({ rows }: { readonly rows: readonly Device[] }) => {
  const { t } = useTranslation()
  const count = useView(({ selected }) => countSelected(rows, selected))
  const all = count > 0 && count === rows.length
  return (
    <input
      type="checkbox"
      className="box"
      aria-label={t('devices.selectAll')}
      checked={all}
      ref={(box) => {
        if (box) box.indeterminate = count > 0 && !all
      }}
      onChange={() => select(all ? [] : allOf(rows))}
      data-testid="select-all"
    />
  )
}

const Heads = memo(({ columns }: { readonly columns: readonly Column[] }) => {
  const { t } = useTranslation()
  const sort = useView((view) => view.query.sort)
  const descending = useView((view) => view.query.descending)
  return columns.map(({ key }) => (
    <div
      key={key}
      role="columnheader"
      aria-sort={sort === key ? (descending ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        className={css.sort}
        title={t('devices.sortBy', { column: t(`devices.column.${key}`) })}
        onClick={() => setQuery({ sort: key, descending: sort === key && !descending })}
        data-testid={`sort-${key}`}
      >
        {t(`devices.column.${key}`)}
        <span aria-hidden="true" className={css.sortSign}>
          {sort === key ? (descending ? '↓' : '↑') : ''}
        </span>
      </button>
    </div>
  ))
})

interface CellsProps {
  readonly device: Device
  readonly columns: readonly Column[]
  readonly t: TFunction
}

/** The values of a row, which a selection does not touch. */
const Cells = memo(({ device, columns, t }: CellsProps) =>
  columns.map(({ key }) => (
    <div key={key} role="gridcell" className={css.cell} tabIndex={-1} data-column={key}>
      <DeviceCell device={device} column={key} t={t} />
    </div>
  )),
)

interface RowProps extends CellsProps {
  readonly index: number
  readonly top: number
  readonly template: string
  /** The one row that Tab reaches. */
  readonly tabStop: boolean
}

/** Asks itself whether it is selected or open: the table around it is not drawn anew for that. */
const Row = memo(({ device, index, top, columns, template, tabStop, t }: RowProps) => {
  const { udn } = device
  const selected = useView((view) => view.selected.has(udn))
  const open = useView((view) => view.detail === udn)
  const name = labelOf(device)
  const boxLabel = useMemo(() => t('devices.selectRow', { name }), [t, name])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled once, by the grid around the rows
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      tabIndex={tabStop ? 0 : -1}
      className={css.row}
      data-open={open || undefined}
      data-index={index}
      style={{ gridTemplateColumns: template, transform: `translateY(${top}px)` }}
      onClick={() => openDetail(open ? undefined : udn)}
      data-testid={`device-row-${udn}`}
    >
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: Space on the row does the same */}
      <div role="gridcell" className={css.boxCell} tabIndex={-1} onClick={(event) => event.stopPropagation()}>
        <input
          type="checkbox"
          className="box"
          tabIndex={-1}
          aria-label={boxLabel}
          checked={selected}
          onChange={() => toggleSelected(udn)}
          data-testid={`device-select-${udn}`}
        />
      </div>
      <Cells device={device} columns={columns} t={t} />
    </div>
  )
})

/** The virtual table: only rows in sight exist. Arrows move, Space selects, Enter opens. */
export const DeviceTable = memo(({ rows }: { readonly rows: readonly Device[] }) => {
  const { t } = useTranslation()
  const [box, width] = useWidth()
  const scroller = useRef<HTMLDivElement>(null)
  const [focused, setFocused] = useState<string>()
  const columns = useMemo(() => fitColumns(width), [width])
  const template = useMemo(() => gridTemplate(columns), [columns])
  // The same function for the same rows: with another one every row is measured again.
  const keyOfRow = useCallback((index: number) => rows[index]?.udn ?? index, [rows])
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
    scrollMargin: HEAD_HEIGHT,
    scrollPaddingStart: HEAD_HEIGHT,
    getItemKey: keyOfRow,
  })
  const focusIndex = useMemo(
    () =>
      focused === undefined
        ? 0
        : Math.max(
            0,
            rows.findIndex((device) => device.udn === focused),
          ),
    [rows, focused],
  )

  const moveTo = useCallback(
    (index: number) => {
      const next = Math.min(Math.max(index, 0), rows.length - 1)
      virtualizer.scrollToIndex(next)
      setFocused(rows[next]?.udn)
      // The row may exist only after the scroll has been drawn.
      requestAnimationFrame(() =>
        requestAnimationFrame(() =>
          scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus(),
        ),
      )
    },
    [rows, virtualizer],
  )

  const onKeyDown = (event: React.KeyboardEvent) => {
    const at = (event.target as HTMLElement).closest<HTMLElement>('[data-index]')?.dataset.index
    if (at === undefined) return
    const index = Number(at)
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 1)
    const device = rows[index]
    if (event.ctrlKey || event.altKey || event.metaKey || !device) return
    const to = target(event.key, index, page, rows.length - 1)
    if (to !== undefined) moveTo(to)
    else if (event.key === ' ') toggleSelected(device.udn)
    else if (event.key === 'Enter')
      openDetail(useView.getState().detail === device.udn ? undefined : device.udn)
    else return
    event.preventDefault()
  }

  return (
    <div
      ref={box}
      role="grid"
      aria-label={t('devices.table')}
      aria-rowcount={rows.length + 1}
      aria-multiselectable="true"
      className={css.grid}
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        const at = (event.target as HTMLElement).closest<HTMLElement>('[data-index]')?.dataset.index
        if (at !== undefined) setFocused(rows[Number(at)]?.udn)
      }}
      data-testid="device-table"
    >
      <div ref={scroller} className={css.scroller}>
        <div role="rowgroup" className={css.headGroup}>
          <div role="row" aria-rowindex={1} className={css.headRow} style={{ gridTemplateColumns: template }}>
            <div role="columnheader" className={css.boxCell}>
              <SelectAll rows={rows} />
            </div>
            <Heads columns={columns} />
          </div>
        </div>
        <div role="rowgroup" className={css.body} style={{ height: virtualizer.getTotalSize() }}>
          {width > 0 &&
            virtualizer.getVirtualItems().map((item) => {
              const device = rows[item.index]
              if (!device) return null
              return (
                <Row
                  key={device.udn}
                  device={device}
                  index={item.index}
                  top={item.start - HEAD_HEIGHT}
                  columns={columns}
                  template={template}
                  tabStop={item.index === focusIndex}
                  t={t}
                />
              )
            })}
        </div>
      </div>
    </div>
  )
})
