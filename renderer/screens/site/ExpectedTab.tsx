import { Textarea } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ExpectedDevice } from '../../../electron/contract/enrollment'
import { Button } from '../../components/Button'
import { FileButton } from '../../components/FileButton'
import { Panel } from '../../components/Panel'
import { Pill } from '../../components/Pill'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { useCopy } from '../../components/use-copy'
import { readExpected, writeExpected } from '../../model/expected-list'
import { expectedStatus, mergeExpected } from '../../model/expected-status'
import { useDevices } from '../../stores/devices'
import { saveExpected, useSite } from '../../stores/site'
import css from './Site.module.css'

const SHOWN = 1000
const TONE = { found: 'ok', heard: 'info', notYet: 'neutral' } as const

const List = ({ expected }: { readonly expected: readonly ExpectedDevice[] }) => {
  const { t } = useTranslation()
  const rows = useDevices((list) => list.rows)
  const { copy, copied } = useCopy()
  const clear = useAction(() => saveExpected([]))
  const statuses = useMemo(() => expectedStatus(expected, rows), [expected, rows])
  const count = (status: (typeof statuses)[number]) => statuses.filter((one) => one === status).length
  return (
    <Panel className={css.panel}>
      <div className={css.head}>
        <h2>{t('site.expected.list')}</h2>
        <span className="mute">
          {expected.length > 0 &&
            t('site.expected.counts', {
              enrolled: count('found'),
              heard: count('heard'),
              missing: count('notYet'),
            })}
        </span>
      </div>
      {expected.length === 0 ? (
        <div className={css.scroll}>
          <p className="mute">{t('site.expected.empty')}</p>
        </div>
      ) : (
        // A scrolling list has to be reachable by keyboard.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
        <section className={css.tableScroll} tabIndex={0} aria-label={t('site.expected.list')}>
          <table className={css.table} data-testid="expected-list">
            <thead>
              <tr>
                <th scope="col">{t('site.expected.serial')}</th>
                <th scope="col">{t('site.expected.name')}</th>
                <th scope="col">{t('site.expected.group')}</th>
                <th scope="col">{t('site.expected.status')}</th>
              </tr>
            </thead>
            <tbody>
              {expected.slice(0, SHOWN).map((device, index) => {
                const status = statuses[index] ?? 'notYet'
                return (
                  <tr key={`${device.serialNumber ?? ''} ${device.udn ?? ''}`}>
                    <td className="mono">{device.serialNumber ?? device.udn}</td>
                    <td>{device.name ?? <span className="mute">—</span>}</td>
                    <td>{device.group ?? <span className="mute">—</span>}</td>
                    <td>
                      <Pill tone={TONE[status]}>{t(`site.expected.${status}`)}</Pill>
                    </td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </section>
      )}
      {expected.length > 0 && (
        <div className={css.foot}>
          <Button small onClick={() => copy(writeExpected(expected))}>
            {t(copied ? 'shell.copied' : 'site.expected.copy')}
          </Button>
          <Button
            small
            busy={clear.busy}
            onClick={() => void clear.run()}
            needs="enrollment.setExpected"
            data-testid="expected-clear"
          >
            {t('site.expected.removeAll')}
          </Button>
          {clear.error && <ErrorBox error={clear.error} />}
        </div>
      )}
    </Panel>
  )
}

/** The site plan: what should be there, against what is; pasted or loaded as CSV. */
export const ExpectedTab = () => {
  const { t } = useTranslation()
  const expected = useSite((site) => site.expected)
  const [text, setText] = useState('')
  const reading = useMemo(() => readExpected(text), [text])
  const save = useAction(async (list: readonly ExpectedDevice[]) => {
    await saveExpected(list)
    setText('')
  })
  const reason = reading.devices.length === 0 ? t('site.expected.nothing') : undefined
  return (
    <div className={css.splitWide}>
      <List expected={expected} />
      <Panel className={css.panel}>
        <div className={css.scroll}>
          <p className="mute">{t('site.expected.hint')}</p>
          <Textarea
            label={t('site.expected.paste')}
            description={t('site.expected.pasteHint')}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            rows={9}
            spellCheck={false}
            classNames={{ input: 'mono' }}
            data-testid="expected-text"
          />
          {text.trim() !== '' && (
            <div role="status">
              <p className="strong">{t('site.expected.preview', { count: reading.devices.length })}</p>
              {reading.problems.length > 0 && (
                <>
                  <p className="strong">{t('site.expected.problems', { count: reading.problems.length })}</p>
                  <ul className={css.problems}>
                    {reading.problems.slice(0, 100).map((one) => (
                      <li key={one.line}>
                        {t('site.expected.line', { line: one.line })}:{' '}
                        {t(`site.expected.problem.${one.problem}`)}{' '}
                        <span className="mono mute">{one.text}</span>
                      </li>
                    ))}
                  </ul>
                </>
              )}
            </div>
          )}
          {save.error && <ErrorBox error={save.error} />}
        </div>
        <div className={css.foot}>
          <Button
            kind="primary"
            busy={save.busy}
            reason={reason}
            onClick={() => void save.run(mergeExpected(expected, reading.devices))}
            needs="enrollment.setExpected"
            data-testid="expected-add"
          >
            {t('site.expected.add')}
          </Button>
          {expected.length > 0 && !reason && (
            <Button
              busy={save.busy}
              onClick={() => void save.run(reading.devices)}
              needs="enrollment.setExpected"
              data-testid="expected-replace"
            >
              {t('site.expected.replace')}
            </Button>
          )}
          <FileButton
            accept=".csv,.txt,text/csv,text/plain"
            onFile={async (file) => setText(await file.text())}
            testid="expected-file"
          >
            {t('site.expected.file')}
          </FileButton>
        </div>
      </Panel>
    </div>
  )
}
