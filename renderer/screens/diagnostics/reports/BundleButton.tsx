import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { BundleScope } from '../../../../electron/contract/report'
import { Button } from '../../../components/Button'
import { ErrorBox } from '../../../components/StateBox'
import { useAction } from '../../../components/use-action'
import { makeBundle } from '../../../stores/reports'
import css from './Reports.module.css'

/** Makes a diagnostics bundle of what `scope` names; the dialog asks where to, and what came of it stands below. */
export const BundleButton = ({ scope }: { readonly scope: BundleScope }) => {
  const { t } = useTranslation()
  const [path, setPath] = useState<string>()
  const make = useAction(async () => {
    setPath(undefined)
    setPath(await makeBundle(scope))
  })
  const label =
    scope.kind === 'devices'
      ? t('reports.bundle.devices', { count: scope.udns.length })
      : t(`reports.bundle.${scope.kind}`)
  return (
    <div className={css.bundle}>
      <Button
        needs="bundle.make"
        busy={make.busy}
        onClick={() => void make.run()}
        data-testid="bundle-make"
        data-scope={scope.kind}
      >
        {make.busy ? t('reports.bundle.busy') : label}
      </Button>
      {make.error && <ErrorBox error={make.error} />}
      {path !== undefined && (
        <span role="status" className="mute select-text">
          {t('reports.bundle.saved', { path: path || '✓' })}
        </span>
      )}
    </div>
  )
}
