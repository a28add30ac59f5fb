// biome-ignore-all lint/a11y/useSemanticElements: rows are placed by hand in a virtual grid, which <table> cannot do
// biome-ignore-all lint/a11y/useFocusableInteractive: one row has the tab stop; heads hold buttons
import { useVirtualizer } from '@tanstack/react-virtual'
import {
  type ComponentType,
  type KeyboardEvent,
  memo,
  type ReactNode,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { fittingOf, SELECT_WIDTH } from '../model/columns'
import css from './VirtualTable.module.css'

const ROW_HEIGHT = 36
/** The head stays above the rows inside the same scroller, so that both have the same columns. */
const HEAD_HEIGHT = 33

export interface TableColumn<K extends string> {
  readonly key: K
  /** Smallest useful width in px. */
  readonly min: number
  /** Share of the spare width. */
  readonly grow: number
  /** Lower goes first when space is short; the two highest always stay. */
  readonly priority: number
}

/** Boxes at the left of the rows. */
export interface TableChoice<R> {
  readonly chosen: ReadonlySet<string>
  readonly toggle: (key: string) => void
  readonly able: (row: R) => boolean
  readonly labelOf: (row: R) => string
  readonly all: ReactNode
}

interface TableProps<R, K extends string> {
  readonly rows: readonly R[]
  readonly keyOf: (row: R) => string
  readonly columns: readonly TableColumn<K>[]
  readonly head: (column: K) => ReactNode
  readonly sortOf?: (column: K) => 'ascending' | 'descending' | 'none' | undefined
  readonly Cell: ComponentType<{ readonly row: R; readonly column: K }>
  readonly label: string
  readonly testid: string
  readonly rowTestid: (row: R) => string
  readonly stateOf?: (row: R) => string
  readonly open?: string | undefined
  /** Click or Enter on a row; with a choice and without this, they toggle its box. */
  readonly onOpen?: (key: string) => void
  readonly choice?: TableChoice<R>
  /** The last rows are near: more may be asked for. Called again with every row that is added. */
  readonly onNearEnd?: () => void
}

/** Rows from the end at which more are asked for. */
const NEAR_END = 60

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

const useWidth = () => {
  const element = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const box = element.current
    if (!box) return
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(entry.contentRect.width)
    })
    observer.observe(box)
    return () => observer.disconnect()
  }, [])
  return [element, width] as const
}

interface RowProps<R, K extends string> {
  readonly row: R
  readonly rowKey: string
  readonly index: number
  readonly top: number
  readonly template: string
  readonly columns: readonly TableColumn<K>[]
  readonly Cell: TableProps<R, K>['Cell']
  readonly testid: string
  readonly state: string | undefined
  readonly open: boolean
  readonly tabStop: boolean
  readonly selects: boolean
  readonly selected: boolean
  readonly able: boolean
  readonly boxLabel: string
  readonly onAct: (key: string) => void
  readonly onToggle: (key: string) => void
}

const PlainRow = <R, K extends string>(props: RowProps<R, K>) => {
  const { row, rowKey, index, top, template, columns, Cell, onAct, onToggle } = props
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled once, by the grid around the rows
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={props.selects ? props.selected : undefined}
      tabIndex={props.tabStop ? 0 : -1}
      className={css.row}
      data-open={props.open || undefined}
      data-unable={props.selects && !props.able ? true : undefined}
      data-index={index}
      data-state={props.state}
      style={{ gridTemplateColumns: template, transform: `translateY(${top}px)` }}
      onClick={() => onAct(rowKey)}
      data-testid={props.testid}
    >
      {props.selects && (
        // biome-ignore lint/a11y/useKeyWithClickEvents: Space on the row does the same
        <div
          role="gridcell"
          className={css.boxCell}
          tabIndex={-1}
          onClick={(event) => event.stopPropagation()}
        >
          <input
            type="checkbox"
            className="box"
            tabIndex={-1}
            aria-label={props.boxLabel}
            checked={props.selected}
            disabled={!props.able}
            onChange={() => onToggle(rowKey)}
          />
        </div>
      )}
      {columns.map(({ key }) => (
        <div key={key} role="gridcell" className={css.cell} tabIndex={-1} data-column={key}>
          <Cell row={row} column={key} />
        </div>
      ))}
    </div>
  )
}

// memo forgets that a component is generic.
const Row = memo(PlainRow) as typeof PlainRow

/** A virtual table: only rows in sight exist. Arrows move, Space chooses, Enter opens. */
export const VirtualTable = <R, K extends string>(props: TableProps<R, K>) => {
  const { rows, keyOf, columns: all, choice, open } = props
  const [box, width] = useWidth()
  const scroller = useRef<HTMLDivElement>(null)
  const [focused, setFocused] = useState<string>()
  const reserved = choice ? SELECT_WIDTH : 0
  const columns = useMemo(() => fittingOf(all, width, reserved), [all, width, reserved])
  const template = useMemo(
    () =>
      [
        ...(choice ? [`${SELECT_WIDTH}px`] : []),
        ...columns.map(({ min, grow }) => `minmax(${min}px, ${grow}fr)`),
      ].join(' '),
    [columns, choice],
  )
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    scrollMargin: HEAD_HEIGHT,
    scrollPaddingStart: HEAD_HEIGHT,
    getItemKey: (index) => {
      const row = rows[index]
      return row === undefined ? index : keyOf(row)
    },
  })
  const items = virtualizer.getVirtualItems()
  const lastFocused = Math.max(
    0,
    rows.findIndex((row) => keyOf(row) === focused),
  )
  // Only drawn rows can be reached by Tab: where the last focused one is out of sight, the first drawn one takes its place.
  const focusIndex = items.some(({ index }) => index === lastFocused) ? lastFocused : (items[0]?.index ?? 0)
  // Rows are drawn anew only when their own values change, so what they call stays the same.
  const latest = useRef(props)
  latest.current = props
  const onToggle = useRef((key: string) => {
    const { choice: now, rows: list, keyOf: name } = latest.current
    const row = list.find((one) => name(one) === key)
    if (now && row !== undefined && now.able(row)) now.toggle(key)
  }).current
  const onAct = useRef((key: string) => {
    const { onOpen } = latest.current
    if (onOpen) onOpen(key)
    else onToggle(key)
  }).current

  const moveTo = (index: number) => {
    const next = Math.min(Math.max(index, 0), rows.length - 1)
    const row = rows[next]
    virtualizer.scrollToIndex(next)
    setFocused(row === undefined ? undefined : keyOf(row))
    // The row may exist only after the scroll has been drawn.
    requestAnimationFrame(() =>
      requestAnimationFrame(() =>
        scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus(),
      ),
    )
  }

  const lastSeen = items.at(-1)?.index ?? 0
  const { onNearEnd } = props
  useEffect(() => {
    if (onNearEnd && rows.length > 0 && lastSeen >= rows.length - NEAR_END) onNearEnd()
  }, [onNearEnd, lastSeen, rows.length])

  const indexOf = (event: { readonly target: EventTarget }): number | undefined => {
    const at = (event.target as HTMLElement).closest<HTMLElement>('[data-index]')?.dataset.index
    return at === undefined ? undefined : Number(at)
  }

  const onKeyDown = (event: KeyboardEvent) => {
    const index = indexOf(event)
    const row = index === undefined ? undefined : rows[index]
    if (index === undefined || row === undefined || event.ctrlKey || event.altKey || event.metaKey) return
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 1)
    const to = target(event.key, index, page, rows.length - 1)
    if (to !== undefined) moveTo(to)
    else if (event.key === ' ' && choice) onToggle(keyOf(row))
    else if (event.key === 'Enter') onAct(keyOf(row))
    else return
    event.preventDefault()
  }

  return (
    <div
      ref={box}
      role="grid"
      aria-label={props.label}
      aria-rowcount={rows.length + 1}
      aria-multiselectable={choice ? true : undefined}
      className={css.grid}
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        const index = indexOf(event)
        const row = index === undefined ? undefined : rows[index]
        if (row !== undefined) setFocused(keyOf(row))
      }}
      data-testid={props.testid}
    >
      <div ref={scroller} className={css.scroller}>
        <div role="rowgroup" className={css.headGroup}>
          <div role="row" aria-rowindex={1} className={css.headRow} style={{ gridTemplateColumns: template }}>
            {choice && (
              <div role="columnheader" className={css.boxCell}>
                {choice.all}
              </div>
            )}
            {columns.map(({ key }) => (
              <div key={key} role="columnheader" className={css.headCell} aria-sort={props.sortOf?.(key)}>
                {props.head(key)}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" className={css.body} style={{ height: virtualizer.getTotalSize() }}>
          {width > 0 &&
            items.map((item) => {
              const row = rows[item.index]
              if (row === undefined) return null
              const key = keyOf(row)
              return (
                <Row
                  key={key}
                  row={row}
                  rowKey={key}
                  index={item.index}
                  top={item.start - HEAD_HEIGHT}
                  template={template}
                  columns={columns}
                  Cell={props.Cell}
                  testid={props.rowTestid(row)}
                  state={props.stateOf?.(row)}
                  open={open === key}
                  tabStop={item.index === focusIndex}
                  selects={choice !== undefined}
                  selected={choice?.chosen.has(key) ?? false}
                  able={choice?.able(row) ?? true}
                  boxLabel={choice?.labelOf(row) ?? ''}
                  onAct={onAct}
                  onToggle={onToggle}
                />
              )
            })}
        </div>
      </div>
    </div>
  )
}
