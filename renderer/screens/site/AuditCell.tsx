import { useTranslation } from 'react-i18next'
import { ACCOUNT_ROLES, type AuditLine } from '../../../electron/contract/access'
import type { TableColumn } from '../../components/VirtualTable'
import { useLanguage } from '../../i18n'
import { auditTextKey } from '../../model/audit'
import { labelOf } from '../../model/device-facts'
import { exactTime } from '../../model/time'
import { useDevices } from '../../stores/devices'

type AuditColumn = 'when' | 'who' | 'what' | 'device' | 'detail'

export const AUDIT_COLUMNS: readonly TableColumn<AuditColumn>[] = [
  { key: 'when', min: 180, grow: 0, priority: 4 },
  { key: 'who', min: 150, grow: 1, priority: 5 },
  { key: 'what', min: 160, grow: 1, priority: 5 },
  { key: 'device', min: 150, grow: 1.2, priority: 4 },
  { key: 'detail', min: 140, grow: 2, priority: 1 },
]

/** A device by its name, with its UDN on hover; any other text as it is. */
const Named = ({ text }: { readonly text: string }) => {
  const device = useDevices((list) => list.byUdn.get(text))
  if (!text.startsWith('uuid:')) return <span title={text}>{text}</span>
  return <span title={text}>{labelOf(device, text)}</span>
}

const shortTime = (atMs: number, language: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23' }).format(
    atMs,
  )

export const AuditCell = ({ row, column }: { readonly row: AuditLine; readonly column: AuditColumn }) => {
  const { t } = useTranslation()
  const language = useLanguage()
  if (column === 'when')
    return (
      <time dateTime={new Date(row.atMs).toISOString()} title={exactTime(row.atMs, language)}>
        {shortTime(row.atMs, language)}
      </time>
    )
  if (column === 'who') {
    const role = ACCOUNT_ROLES.find((one) => one === row.role)
    return (
      <>
        <span className="strong">
          <Named text={row.actor} />
        </span>
        {role && <span className="mute"> · {t(`access.role.${role}`)}</span>}
      </>
    )
  }
  if (column === 'what') {
    const key = auditTextKey(row.action)
    return <span title={row.action}>{key ? t(`access.audit.action.${key}`) : row.action}</span>
  }
  if (column === 'device') return row.subject ? <Named text={row.subject} /> : <span className="mute">—</span>
  return <span title={row.detail}>{row.detail ?? <span className="mute">—</span>}</span>
}
