import { TextInput } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconX } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { LANES_MAX } from '../../../electron/contract/factory'
import { Allowed } from '../../components/Allowed'
import { Button } from '../../components/Button'
import { PortHelp, PortName, PortRows } from '../../components/Ports'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { portFacts } from '../../model/ports'
import { configureStation, loadPorts, useFactory } from '../../stores/factory'
import css from './Factory.module.css'

const swapped = (list: readonly string[], at: number): string[] =>
  list.map((one, index) => (index === at ? list[at + 1] : index === at + 1 ? list[at] : one) ?? one)

const LaneRow = ({
  lanes,
  index,
  onChange,
}: {
  readonly lanes: readonly string[]
  readonly index: number
  readonly onChange: (lanes: string[]) => void
}) => {
  const { t } = useTranslation()
  const ports = useFactory((factory) => factory.ports)
  const path = lanes[index] ?? ''
  const port = ports?.ports.find((one) => one.path === path)
  const number = index + 1
  return (
    <li className={css.lane} data-testid={`line-lane-${number}`}>
      <span className={css.laneNumber}>{number}</span>
      <span className={css.laneName}>
        <span className="mono strong">{path}</span>
        <span className="mute">
          {port
            ? portFacts(port).join(' · ') || t('factory.ports.plain')
            : path.startsWith('tcp:')
              ? t('factory.lanes.overTcp')
              : ports && t('factory.lanes.notThere')}
        </span>
      </span>
      {index === 0 ? (
        <span />
      ) : (
        <Button
          small
          className={css.icon ?? ''}
          aria-label={t('factory.lanes.up', { number })}
          onClick={() => onChange(swapped(lanes, index - 1))}
          needs="station.configure"
          data-testid={`line-lane-up-${number}`}
        >
          <IconArrowUp size={14} aria-hidden="true" />
        </Button>
      )}
      {index === lanes.length - 1 ? (
        <span />
      ) : (
        <Button
          small
          className={css.icon ?? ''}
          aria-label={t('factory.lanes.down', { number })}
          onClick={() => onChange(swapped(lanes, index))}
          needs="station.configure"
          data-testid={`line-lane-down-${number}`}
        >
          <IconArrowDown size={14} aria-hidden="true" />
        </Button>
      )}
      <Button
        small
        className={css.icon ?? ''}
        aria-label={t('factory.lanes.remove', { number })}
        onClick={() => onChange(lanes.filter((_, at) => at !== index))}
        needs="station.configure"
        data-testid={`line-lane-remove-${number}`}
      >
        <IconX size={14} aria-hidden="true" />
      </Button>
    </li>
  )
}

/** The lanes in the order of the station's screen, and the ports that could be lanes. */
export const LaneList = ({ lanes }: { readonly lanes: readonly string[] }) => {
  const { t } = useTranslation()
  const list = useFactory((factory) => factory.ports)
  const look = useAction(loadPorts)
  const save = useAction((next: readonly string[]) => configureStation({ lanes: [...next] }))
  const { run: reload } = look
  useEffect(() => void reload(), [reload])
  const [path, setPath] = useState('')
  const typed = path.trim()
  const free = list?.ports.filter((port) => !lanes.includes(port.path)) ?? []
  const full = lanes.length >= LANES_MAX ? t('factory.lanes.full') : undefined
  const typedReason =
    full ??
    (typed === ''
      ? t('factory.lanes.pathNeeded')
      : lanes.includes(typed)
        ? t('factory.lanes.pathTwice')
        : undefined)
  return (
    <div className={css.scroll}>
      <Allowed needs="station.configure">
        <div className={css.titleRow}>
          <h2>{t('factory.lanes.title')}</h2>
          <span className="mute">{t('factory.laneCount', { count: lanes.length })}</span>
        </div>
        {lanes.length === 0 ? (
          <p className="mute">{t('factory.lanes.empty')}</p>
        ) : (
          <ol className={css.lanes} aria-label={t('factory.lanes.title')}>
            {lanes.map((lane, index) => (
              <LaneRow key={lane} lanes={lanes} index={index} onChange={(next) => void save.run(next)} />
            ))}
          </ol>
        )}
        {save.error && <ErrorBox error={save.error} />}
        <div className={css.titleRow}>
          <h2>{t('factory.ports.found')}</h2>
          <Button small busy={look.busy} onClick={() => void look.run()} data-testid="ports-again">
            {t('factory.ports.again')}
          </Button>
        </div>
        {look.error && <ErrorBox error={look.error} />}
        {list && list.ports.length > 0 && free.length === 0 && (
          <p className="mute">{t('factory.lanes.allTaken')}</p>
        )}
        <PortRows ports={free} label={t('factory.ports.found')}>
          {(port) => (
            <>
              <PortName port={port} />
              <Button
                small
                reason={full}
                aria-label={t('factory.lanes.addPort', { path: port.path })}
                onClick={() => void save.run([...lanes, port.path])}
                needs="station.configure"
                data-testid={`lane-add-${port.path}`}
              >
                {t('factory.lanes.add')}
              </Button>
            </>
          )}
        </PortRows>
        <PortHelp list={list} />
        <form
          className={css.byHand}
          onSubmit={(event) => {
            event.preventDefault()
            if (typedReason) return
            void save.run([...lanes, typed]).then((went) => went && setPath(''))
          }}
        >
          <TextInput
            label={t('factory.lanes.byHand')}
            placeholder="/dev/ttyUSB0, COM3"
            value={path}
            maxLength={260}
            spellCheck={false}
            classNames={{ input: 'mono' }}
            onChange={(event) => setPath(event.currentTarget.value)}
            data-testid="lane-path"
          />
          <Button
            type="submit"
            reason={typedReason}
            busy={save.busy}
            needs="station.configure"
            data-testid="lane-path-add"
          >
            {t('factory.lanes.add')}
          </Button>
        </form>
      </Allowed>
    </div>
  )
}
