import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { SerialPortInfo, SerialPortList } from '../../electron/contract/serial'
import { platformOf, portFacts, portHints } from '../model/ports'
import { CopyLine } from './CopyLine'
import css from './Ports.module.css'
import { Sign } from './Sign'

/** What a port is called and what its adapter says about itself. */
export const PortName = ({ port }: { readonly port: SerialPortInfo }) => {
  const { t } = useTranslation()
  return (
    <span className={css.name}>
      <span className="mono strong">{port.path}</span>
      <span className="mute">{portFacts(port).join(' · ') || t('factory.ports.plain')}</span>
    </span>
  )
}

/** The ports found, each with what can be done with it. */
export const PortRows = ({
  ports,
  label,
  children,
}: {
  readonly ports: readonly SerialPortInfo[]
  readonly label: string
  readonly children: (port: SerialPortInfo) => ReactNode
}) =>
  ports.length === 0 ? null : (
    <ul className={css.rows} aria-label={label}>
      {ports.map((port) => (
        <li key={port.path} className={css.row}>
          {children(port)}
        </li>
      ))}
    </ul>
  )

/** Why no port is there, or not all of them, with the commands that help. */
export const PortHelp = ({ list }: { readonly list: SerialPortList | undefined }) => {
  const { t } = useTranslation()
  const hints = portHints(list, platformOf(navigator.userAgent))
  if (!list || hints.length === 0) return null
  return (
    <div className={css.help} role="status" data-testid="ports-help">
      <p className="strong">
        <Sign name="warning" /> {t(list.ports.length === 0 ? 'factory.ports.none' : 'factory.ports.some')}
      </p>
      <ul className={css.hints}>
        {hints.map(({ hint, command }) => (
          <li key={hint}>
            {t(`factory.ports.hint.${hint}`)}
            {command && <CopyLine text={command} />}
          </li>
        ))}
      </ul>
    </div>
  )
}
