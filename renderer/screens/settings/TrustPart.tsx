import { Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TrustRoot } from '../../../electron/contract/identity'
import { Button } from '../../components/Button'
import { Fingerprint } from '../../components/Chain'
import { Dialog } from '../../components/Dialog'
import { FileButton } from '../../components/FileButton'
import { Part } from '../../components/Panel'
import { Pill } from '../../components/Pill'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { isoDate } from '../../model/time'
import { addRoot, removeRoot, useSite } from '../../stores/site'
import css from './Settings.module.css'

const AddRoot = ({ onClose }: { readonly onClose: () => void }) => {
  const { t } = useTranslation()
  const [pem, setPem] = useState('')
  const add = useAction(async () => {
    await addRoot(pem)
    onClose()
  })
  const reason = pem.includes('-----BEGIN CERTIFICATE-----') ? undefined : t('settings.trust.notPem')
  return (
    <Dialog
      open
      size={620}
      onClose={onClose}
      title={t('settings.trust.addTitle')}
      testid="trust-add-dialog"
      actions={
        <>
          <FileButton
            accept=".pem,.crt,.cer"
            onFile={async (file) => setPem(await file.text())}
            testid="trust-file"
          >
            {t('settings.trust.file')}
          </FileButton>
          <Button
            kind="primary"
            busy={add.busy}
            reason={reason}
            onClick={() => void add.run()}
            needs="trust.add"
            data-testid="trust-add-yes"
          >
            {t('settings.trust.addYes')}
          </Button>
        </>
      }
    >
      <p>{t('settings.trust.addHint')}</p>
      <Textarea
        label={t('settings.trust.paste')}
        value={pem}
        rows={9}
        spellCheck={false}
        classNames={{ input: 'mono' }}
        onChange={(event) => setPem(event.currentTarget.value)}
        data-autofocus
        data-testid="trust-pem"
      />
      {add.error && <ErrorBox error={add.error} />}
    </Dialog>
  )
}

const RemoveRoot = ({ root, onClose }: { readonly root: TrustRoot; readonly onClose: () => void }) => {
  const { t } = useTranslation()
  const remove = useAction(async () => {
    await removeRoot(root.fingerprint)
    onClose()
  })
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('settings.trust.removeTitle', { name: root.name })}
      testid="trust-remove-dialog"
      actions={
        <>
          <Button onClick={onClose}>{t('shell.back')}</Button>
          <Button
            kind="danger"
            busy={remove.busy}
            onClick={() => void remove.run()}
            needs="trust.remove"
            data-testid="trust-remove-yes"
          >
            {t('settings.trust.removeYes')}
          </Button>
        </>
      }
    >
      <p>{t('settings.trust.removeText')}</p>
      {remove.error && <ErrorBox error={remove.error} subject={root.name} />}
    </Dialog>
  )
}

/** The roots of device makers at which a genuine identity ends. */
export const TrustPart = () => {
  const { t } = useTranslation()
  const roots = useSite((site) => site.roots)
  const [adding, setAdding] = useState(false)
  const [removing, setRemoving] = useState<TrustRoot>()
  return (
    <Part
      title={t('settings.trust.title')}
      hint={t('settings.trust.hint')}
      testid="settings-trust"
      aside={
        <Button small onClick={() => setAdding(true)} needs="trust.add" data-testid="trust-add">
          {t('settings.trust.add')}
        </Button>
      }
    >
      {roots.length === 0 && <p className="mute">{t('settings.trust.empty')}</p>}
      <ul className={css.roots} aria-label={t('settings.trust.list')}>
        {roots.map((root) => (
          <li key={root.fingerprint} className={css.root}>
            <span className={css.rootName}>
              <span className="strong">{root.name}</span>
              {root.practice && <Pill tone="warn">{t('settings.trust.practice')}</Pill>}
              <span className="mute">
                {root.notAfter.startsWith('9999')
                  ? t('identity.noEnd')
                  : t('identity.until', { date: isoDate(root.notAfter) })}
              </span>
            </span>
            <Button
              small
              onClick={() => setRemoving(root)}
              aria-label={`${t('settings.trust.remove')} ${root.name}`}
              needs="trust.remove"
              data-testid={`trust-remove-${root.fingerprint}`}
            >
              {t('settings.trust.remove')}
            </Button>
            <span className={`mute ${css.rootPrint}`}>
              {t('settings.trust.fingerprint')}
              <br />
              <Fingerprint value={root.fingerprint} />
            </span>
          </li>
        ))}
      </ul>
      {adding && <AddRoot onClose={() => setAdding(false)} />}
      {removing && <RemoveRoot root={removing} onClose={() => setRemoving(undefined)} />}
    </Part>
  )
}
