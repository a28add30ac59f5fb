import { Menu } from '@mantine/core'
import { type RefObject, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { LOG_FORMATS, type LogFormat, SEVERITIES } from '../../../electron/contract/device-log'
import { Button } from '../../components/Button'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { checkBlock } from '../../model/check'
import { labelOf } from '../../model/device-facts'
import { LOG_SPANS } from '../../model/log'
import { naturalKey } from '../../model/natural'
import { useDevices } from '../../stores/devices'
import { exportLog, setSearch, tailLog, useLog } from '../../stores/log'
import board from '../firmware/Board.module.css'
import css from './Diagnostics.module.css'
import { FetchDialog } from './FetchDialog'

const Fields = ({ box }: { readonly box: RefObject<HTMLInputElement | null> }) => {
  const { t } = useTranslation()
  const search = useLog((log) => log.search)
  const stands = useLog((log) => log.stands)
  const byUdn = useDevices((list) => list.byUdn)
  const devices = useMemo(() => {
    const udns = new Set(stands.keys())
    for (const device of byUdn.values()) if (checkBlock(device) === undefined) udns.add(device.udn)
    return [...udns]
      .map((udn) => ({ udn, label: labelOf(byUdn.get(udn), udn) }))
      .sort((a, b) => (naturalKey(a.label) < naturalKey(b.label) ? -1 : 1))
  }, [stands, byUdn])
  return (
    <>
      <div className={css.searchBox}>
        <input
          ref={box}
          type="search"
          value={search.text}
          placeholder={t('diagnostics.log.search')}
          aria-label={t('diagnostics.log.search')}
          aria-keyshortcuts="/"
          maxLength={200}
          onChange={(event) => setSearch({ text: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return
            setSearch({ text: '' })
            event.currentTarget.blur()
          }}
          data-testid="log-search"
        />
        {search.text === '' && (
          <span aria-hidden="true" className={css.slash}>
            /
          </span>
        )}
      </div>
      <select
        className={css.select}
        value={search.maxSeverity}
        aria-label={t('diagnostics.log.severity')}
        onChange={(event) => setSearch({ maxSeverity: Number(event.currentTarget.value) })}
        data-testid="log-severity"
      >
        {SEVERITIES.map((name, value) => (
          <option key={name} value={value}>
            {value === 7
              ? t('diagnostics.log.severityAll')
              : t('diagnostics.log.severityUpTo', { name: t(`diagnostics.log.level.${name}`) })}
          </option>
        )).toReversed()}
      </select>
      <select
        className={css.select}
        value={search.udn ?? ''}
        aria-label={t('diagnostics.log.device')}
        onChange={(event) => setSearch({ udn: event.currentTarget.value || undefined })}
        data-testid="log-device"
      >
        <option value="">{t('diagnostics.log.deviceAll')}</option>
        {devices.map(({ udn, label }) => (
          <option key={udn} value={udn}>
            {label}
          </option>
        ))}
      </select>
      <select
        className={css.select}
        value={search.span}
        aria-label={t('diagnostics.log.time')}
        onChange={(event) =>
          setSearch({ span: LOG_SPANS.find((one) => one === event.currentTarget.value) ?? 'all' })
        }
        data-testid="log-time"
      >
        {LOG_SPANS.map((one) => (
          <option key={one} value={one}>
            {t(`diagnostics.log.span.${one}`)}
          </option>
        ))}
      </select>
    </>
  )
}

const Tail = () => {
  const { t } = useTranslation()
  const udn = useLog((log) => log.search.udn)
  const on = useLog((log) => (udn === undefined ? false : log.stands.get(udn)?.tail === true))
  const device = useDevices((list) => list.byUdn.get(udn ?? ''))
  const tail = useAction(tailLog)
  return (
    <>
      <Button
        small
        needs="log.tail"
        busy={tail.busy}
        kind={on ? 'primary' : 'plain'}
        aria-pressed={on}
        reason={udn === undefined ? t('diagnostics.log.tailNeeds') : undefined}
        title={udn === undefined ? undefined : t('diagnostics.log.tailOn', { name: labelOf(device, udn) })}
        onClick={() => udn !== undefined && void tail.run(udn, !on)}
        data-testid="log-tail"
      >
        {t('diagnostics.log.tail')}
      </Button>
      {tail.error && <ErrorBox error={tail.error} subject={labelOf(device, udn ?? '')} />}
    </>
  )
}

const Export = ({ empty }: { readonly empty: boolean }) => {
  const { t } = useTranslation()
  const [saved, setSaved] = useState<string>()
  const save = useAction(async (format: LogFormat) => {
    setSaved(undefined)
    setSaved(await exportLog(format))
  })
  return (
    <>
      <Menu position="bottom-end" transitionProps={{ duration: 0 }} disabled={empty}>
        <Menu.Target>
          <Button
            small
            needs="log.export"
            busy={save.busy}
            reason={empty ? t('diagnostics.log.noMatch') : undefined}
            data-testid="log-export"
          >
            {t('diagnostics.log.export')} ▾
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {LOG_FORMATS.map((format) => (
            <Menu.Item
              key={format}
              onClick={() => void save.run(format)}
              data-testid={`log-export-${format}`}
            >
              {t(`diagnostics.log.format.${format}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {save.error && <ErrorBox error={save.error} />}
      {saved !== undefined && (
        <p className={`mute select-text ${css.wide}`} role="status">
          {t('diagnostics.log.exported', { path: saved || '✓' })}
        </p>
      )}
    </>
  )
}

/** What is looked for, and what can be done with what is found. */
export const LogTools = ({
  box,
  empty,
}: {
  readonly box: RefObject<HTMLInputElement | null>
  readonly empty: boolean
}) => {
  const { t } = useTranslation()
  const udn = useLog((log) => log.search.udn)
  const byUdn = useDevices((list) => list.byUdn)
  const [dialog, setDialog] = useState<'fetch' | 'clear'>()
  const udns = useMemo(
    () =>
      [...byUdn.values()]
        .filter((device) => checkBlock(device) === undefined && (udn === undefined || device.udn === udn))
        .map((device) => device.udn),
    [byUdn, udn],
  )
  const none = udns.length === 0 ? t('diagnostics.log.noDevice') : undefined
  return (
    <div className={board.tools}>
      <Fields box={box} />
      <span className={css.toolsEnd}>
        <Tail />
        <Button
          small
          needs="log.fetch"
          reason={none}
          onClick={() => setDialog('fetch')}
          data-testid="log-fetch"
        >
          {t('diagnostics.log.fetch')}
        </Button>
        <Button
          small
          needs="log.fetch"
          reason={none}
          onClick={() => setDialog('clear')}
          data-testid="log-clear"
        >
          {t('diagnostics.log.clear')}
        </Button>
        <Export empty={empty} />
      </span>
      {dialog && <FetchDialog udns={udns} clear={dialog === 'clear'} onClose={() => setDialog(undefined)} />}
    </div>
  )
}
