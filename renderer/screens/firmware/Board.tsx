import { useDeferredValue, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RolloutView } from '../../../electron/contract/firmware'
import { BanksLegend } from '../../components/Banks'
import { Button } from '../../components/Button'
import { Chips } from '../../components/Chips'
import { Teach } from '../../components/Panel'
import { SortHead } from '../../components/SortHead'
import { type TableColumn, VirtualTable } from '../../components/VirtualTable'
import { useLanguage } from '../../i18n'
import { labelOf } from '../../model/device-facts'
import { activeBank } from '../../model/firmware-banks'
import {
  BOARD_FILTERS,
  BOARD_SORTS,
  type BoardQuery,
  type BoardSort,
  countBoard,
  DEFAULT_BOARD,
  type Placed,
  queryBoard,
} from '../../model/firmware-board'
import { useDevices } from '../../stores/devices'
import { useFirmware } from '../../stores/firmware'
import { openDetail, useView } from '../../stores/view'
import css from './Board.module.css'
import { BoardCell, type BoardColumn } from './BoardCell'

const COLUMNS: readonly TableColumn<BoardColumn>[] = [
  { key: 'device', min: 126, grow: 1, priority: 10 },
  { key: 'wave', min: 74, grow: 0.2, priority: 1 },
  { key: 'runs', min: 72, grow: 0.1, priority: 2 },
  { key: 'banks', min: 92, grow: 0, priority: 8 },
  { key: 'switch', min: 112, grow: 0.2, priority: 3 },
  { key: 'state', min: 162, grow: 0.1, priority: 9 },
  { key: 'next', min: 230, grow: 5, priority: 7 },
]

const keyOf = ({ row }: Placed) => row.udn
const rowTestid = ({ row }: Placed) => `board-row-${row.udn}`
const stateOf = ({ row }: Placed) => row.state
const isSort = (column: BoardColumn): column is BoardColumn & BoardSort =>
  (BOARD_SORTS as readonly string[]).includes(column)

const known = new WeakMap<object, Placed>()
/** A row keeps its object while nothing in it changed, so that drawing can skip it. */
const place = (row: Placed['row'], label: string, runs: string | undefined): Placed => {
  const old = known.get(row)
  if (old && old.label === label && old.runs === runs) return old
  const placed = { row, label, runs }
  known.set(row, placed)
  return placed
}

/** Who is on trial, who is through, who came back and why: every device of the rollout. */
export const Board = ({
  rollout,
  wave,
  onWave,
}: {
  readonly rollout: RolloutView
  readonly wave: number | undefined
  readonly onWave: (wave: number | undefined) => void
}) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const board = useFirmware((mirror) => mirror.boards.get(rollout.id))
  const byUdn = useDevices((list) => list.byUdn)
  const detail = useView((view) => view.detail)
  const [query, setQuery] = useState<Omit<BoardQuery, 'wave'>>(DEFAULT_BOARD)
  const rows = useDeferredValue(board)
  const text = useDeferredValue(query.text)
  const placed = useMemo(
    () =>
      [...(rows?.values() ?? [])].map((row) => {
        const device = byUdn.get(row.udn)
        const runs = row.status && (activeBank(row.status)?.version ?? device?.firmwareVersion)
        return place(row, labelOf(device, row.udn), runs ?? device?.firmwareVersion)
      }),
    [rows, byUdn],
  )
  const shown = useMemo(() => queryBoard(placed, { ...query, text, wave }), [placed, query, text, wave])
  const counts = useMemo(() => countBoard([...(rows?.values() ?? [])], wave), [rows, wave])
  const wayOf = (column: BoardColumn) =>
    query.sort === column ? (query.descending ? 'descending' : 'ascending') : 'none'
  const none = counts[query.filter] === 0 || shown.length === 0
  return (
    <section className={css.panel} aria-label={t('firmware.board.title')}>
      <div className={css.tools}>
        <Chips
          label={t('devices.filters')}
          all={BOARD_FILTERS}
          on={query.filter}
          text={(filter) => `${t(`firmware.filter.${filter}`)} ${counts[filter].toLocaleString(language)}`}
          onPick={(filter) => setQuery({ ...query, filter })}
          testid="board-filter"
        />
        <input
          type="search"
          className={css.search}
          value={query.text}
          placeholder={t('firmware.board.search')}
          aria-label={t('firmware.board.search')}
          onChange={(event) => setQuery({ ...query, text: event.currentTarget.value })}
          data-testid="board-search"
        />
      </div>
      {none && rows ? (
        <Teach
          title={t('firmware.board.none')}
          actions={
            <Button
              onClick={() => {
                setQuery({ ...query, filter: 'all', text: '' })
                onWave(undefined)
              }}
            >
              {t('firmware.board.showAll')}
            </Button>
          }
        >
          <p>{t('firmware.board.noneText')}</p>
        </Teach>
      ) : (
        <VirtualTable
          rows={shown}
          keyOf={keyOf}
          columns={COLUMNS}
          Cell={BoardCell}
          head={(column) =>
            isSort(column) ? (
              <SortHead
                way={wayOf(column)}
                title={t('devices.sortBy', { column: t(`firmware.column.${column}`) })}
                onSort={() =>
                  setQuery({ ...query, sort: column, descending: query.sort === column && !query.descending })
                }
                testid={`board-sort-${column}`}
              >
                {t(`firmware.column.${column}`)}
              </SortHead>
            ) : (
              <span>{t(`firmware.column.${column}`)}</span>
            )
          }
          sortOf={(column) => (isSort(column) ? wayOf(column) : undefined)}
          label={t('firmware.board.title')}
          testid="board"
          rowTestid={rowTestid}
          stateOf={stateOf}
          open={detail}
          onOpen={(udn) => openDetail(detail === udn ? undefined : udn)}
        />
      )}
      <div className={css.foot}>
        <BanksLegend />
      </div>
    </section>
  )
}
