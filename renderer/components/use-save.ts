import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from './use-action'

/** Saving through a dialog: where it went is told in the window's words until the next try. */
export const useSave = <A extends readonly unknown[]>(work: (...args: A) => Promise<string | undefined>) => {
  const { t } = useTranslation()
  const [path, setPath] = useState<string>()
  const action = useAction(async (...args: A) => {
    setPath(undefined)
    setPath(await work(...args))
  })
  return { ...action, saved: path === undefined ? undefined : t('factory.savedTo', { path: path || '✓' }) }
}
