import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Announcer } from '../../components/Announcer'
import { Button } from '../../components/Button'
import { Teach } from '../../components/Panel'
import { ErrorBox } from '../../components/StateBox'
import { useKeys } from '../../components/use-keys'
import { VirtualTable } from '../../components/VirtualTable'
import { type LogRow, rowsOf } from '../../model/log'
import { ALL_LOGS, exactView, loadMore, searchLog, setSearch, useLog } from '../../stores/log'
import css from './Diagnostics.module.css'
import { LOG_COLUMNS, LogCell } from './LogCell'
import { LogDetail } from './LogDetail'
import { LogTools } from './LogTools'

const COUNTED_TO = 1_000_000
const keyOf = ({ key }: LogRow) => key
const rowTestid = ({ key }: LogRow) => `log-row-${key}`
const stateOf = (row: LogRow) => row.kind
const onNearEnd = () => void loadMore()

const useFoundText = (): string => {
  const { t } = useTranslation()
  const total = useLog((log) => log.total)
  const state = useLog((log) => log.state)
  if (state === 'searching') return t('diagnostics.log.searching')
  if (total === undefined) return ''
  return total >= COUNTED_TO
    ? t('diagnostics.log.foundMany', { count: COUNTED_TO })
    : t('diagnostics.log.found', { count: total })
}

const Foot = () => {
  const { t } = useTranslation()
  const found = useFoundText()
  const tookMs = useLog((log) => log.tookMs)
  const state = useLog((log) => log.state)
  const udn = useLog((log) => log.search.udn)
  const stands = useLog((log) => log.stands)
  const exact = useLog(exactView)
  const lost = useMemo(
    () =>
      [...stands.values()]
        .filter((one) => udn === undefined || one.udn === udn)
        .reduce((sum, one) => sum + one.lost, 0),
    [stands, udn],
  )
  const tail = useLog((log) => (udn === undefined ? false : log.stands.get(udn)?.tail === true))
  return (
    <div className={css.foot}>
      <span className="strong tnum" data-testid="log-count">
        {found}
      </span>
      {state !== 'searching' && tookMs !== undefined && (
        <span className="mute tnum">
          {t('diagnostics.log.took', { ms: Math.max(1, Math.round(tookMs)) })}
        </span>
      )}
      {state === 'paging' && <span className="mute">{t('diagnostics.log.loadingMore')}</span>}
      {tail && <span className={css.live}>{t('diagnostics.log.tailing')}</span>}
      {lost > 0 && !exact && (
        <span className={css.warn}>{t('diagnostics.log.lostHint', { count: lost })}</span>
      )}
      <Announcer text={found} everyMs={1000} />
    </div>
  )
}

/** Everything that devices wrote and that is stored here: searched, read, exported. */
export const LogTab = () => {
  const { t } = useTranslation()
  const records = useLog((log) => log.records)
  const more = useLog((log) => log.more)
  const exact = useLog(exactView)
  const state = useLog((log) => log.state)
  const error = useLog((log) => log.error)
  const tookMs = useLog((log) => log.tookMs)
  const stored = useLog((log) => log.stands.size > 0)
  const [open, setOpen] = useState<string>()
  const box = useRef<HTMLInputElement>(null)
  const rows = useMemo(() => rowsOf(records, exact, !more), [records, exact, more])
  const opened = useMemo(() => {
    const row = rows.find(({ key }) => key === open)
    return row?.kind === 'record' ? row.record : undefined
  }, [rows, open])
  useEffect(() => {
    void searchLog()
  }, [])
  useKeys([
    ['/', () => box.current?.focus()],
    ['Escape', () => setOpen(undefined)],
  ])
  const nothing = records.length === 0 && state !== 'searching' && tookMs !== undefined
  return (
    <div className={css.split}>
      <section className={css.panel} aria-label={t('diagnostics.tabs.log')}>
        <LogTools box={box} empty={records.length === 0} />
        {error && (
          <div className={css.pad}>
            <ErrorBox error={error}>
              <Button small onClick={() => void searchLog()}>
                {t('shell.retry')}
              </Button>
            </ErrorBox>
          </div>
        )}
        {nothing && !error ? (
          <div className={css.fill}>
            <Teach
              title={t(stored ? 'diagnostics.log.noMatch' : 'diagnostics.log.empty')}
              actions={
                stored && (
                  <Button onClick={() => setSearch(ALL_LOGS)} data-testid="log-show-all">
                    {t('diagnostics.log.clearSearch')}
                  </Button>
                )
              }
              testid="log-empty"
            >
              <p>{t(stored ? 'diagnostics.log.noMatchText' : 'diagnostics.log.emptyText')}</p>
            </Teach>
          </div>
        ) : (
          <VirtualTable
            rows={rows}
            keyOf={keyOf}
            columns={LOG_COLUMNS}
            Cell={LogCell}
            head={(column) => <span>{t(`diagnostics.log.column.${column}`)}</span>}
            label={t('diagnostics.log.table')}
            testid="log-table"
            rowTestid={rowTestid}
            stateOf={stateOf}
            open={open}
            onOpen={(key) => setOpen(open === key ? undefined : key)}
            onNearEnd={onNearEnd}
          />
        )}
        <Foot />
      </section>
      {opened && <LogDetail record={opened} onClose={() => setOpen(undefined)} />}
    </div>
  )
}
