import { useDeferredValue, useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { Device } from '../../../electron/contract/device'
import { Ago } from '../../components/Ago'
import { Button } from '../../components/Button'
import { ScreenHead } from '../../components/Panel'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { useKeys } from '../../components/use-keys'
import { allOf } from '../../model/bulk'
import { queryRows } from '../../model/device-rows'
import { type DeviceSummary, summarize } from '../../model/device-summary'
import { search, useDevices } from '../../stores/devices'
import { startProvision } from '../../stores/provision'
import { go, openDetail, select, setQuery, useView } from '../../stores/view'
import { BulkBar } from './BulkBar'
import { DeviceDrawer } from './DeviceDrawer'
import css from './Devices.module.css'
import { DeviceTable } from './DeviceTable'
import { EmptyDevices, NoMatch } from './EmptyDevices'
import { FilterChips } from './FilterChips'
import { LabelFindings } from './LabelFindings'

const Facts = ({ count, managed, heardMs }: DeviceSummary) => {
  const { t } = useTranslation()
  if (count === 0) return t('devices.nothingHeard')
  return (
    <>
      {t('devices.found', { count })} · {t('devices.managed', { count: managed })} · {t('devices.heard')}{' '}
      <Ago atMs={heardMs} />
    </>
  )
}

/** The summary of a list; parts that are as before keep their objects. */
const useSummary = (rows: readonly Device[]): DeviceSummary => {
  const before = useRef<DeviceSummary>(undefined)
  return useMemo(() => {
    before.current = summarize(rows, before.current)
    return before.current
  }, [rows])
}

/** What is there, in which state, and what can be done with it. */
export const DevicesScreen = () => {
  const { t } = useTranslation()
  // Typing and clicking come before a list that changes ten times a second.
  const rows = useDeferredValue(useDevices((list) => list.rows))
  const query = useView((view) => view.query)
  const detail = useView((view) => view.detail)
  const summary = useSummary(rows)
  const shown = useMemo(() => queryRows(rows, query), [rows, query])
  const box = useRef<HTMLInputElement>(null)
  const again = useAction(search)
  useKeys([
    ['/', () => box.current?.focus()],
    ['Escape', () => (detail ? openDetail(undefined) : select([]))],
    ['Ctrl+A', () => select(allOf(shown))],
  ])
  return (
    <>
      <ScreenHead title={t('devices.title')} facts={<Facts {...summary} />}>
        <div className={css.search}>
          <input
            ref={box}
            type="search"
            value={query.text}
            placeholder={t('devices.search')}
            aria-label={t('devices.searchLabel')}
            aria-keyshortcuts="/"
            onChange={(event) => setQuery({ text: event.currentTarget.value })}
            onKeyDown={(event) => {
              if (event.key !== 'Escape') return
              setQuery({ text: '' })
              event.currentTarget.blur()
            }}
            data-testid="device-search"
          />
          {query.text === '' && (
            <span aria-hidden="true" className={css.slash}>
              /
            </span>
          )}
        </div>
        <Button onClick={() => go('missing')} data-testid="why-missing">
          {t('devices.whyMissing')}
        </Button>
        <Button onClick={() => startProvision()} needs="provision.start" data-testid="provision-open">
          {t('provision.open')}
        </Button>
        <Button kind="primary" busy={again.busy} onClick={() => void again.run()} data-testid="search-again">
          {t('devices.searchAgain')}
        </Button>
      </ScreenHead>
      {again.error && <ErrorBox error={again.error} />}
      {rows.length === 0 ? (
        <EmptyDevices />
      ) : (
        <>
          <FilterChips counts={summary.chips} shown={shown.length} />
          <div className={css.split}>
            <section className={css.tablePanel}>
              <BulkBar />
              <LabelFindings />
              {shown.length === 0 ? <NoMatch /> : <DeviceTable rows={shown} />}
            </section>
            {detail !== undefined && <DeviceDrawer key={detail} udn={detail} />}
          </div>
        </>
      )}
    </>
  )
}
