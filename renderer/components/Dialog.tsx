import { Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import css from './Dialog.module.css'

/** A question that has to be answered first. Escape and the cross mean `onClose`. */
export const Dialog = ({
  title,
  open,
  onClose,
  children,
  actions,
  size = 480,
  testid,
}: {
  readonly title: string
  readonly open: boolean
  readonly onClose: () => void
  readonly children: ReactNode
  readonly actions?: ReactNode
  readonly size?: number
  readonly testid?: string
}) => {
  const { t } = useTranslation()
  return (
    <Modal
      opened={open}
      onClose={onClose}
      title={title}
      size={size}
      centered
      lockScroll={false}
      transitionProps={{ duration: 0 }}
      closeButtonProps={{ 'aria-label': t('shell.close') }}
    >
      <div className={css.body} data-testid={testid}>
        {children}
        {actions && <div className={css.actions}>{actions}</div>}
      </div>
    </Modal>
  )
}
