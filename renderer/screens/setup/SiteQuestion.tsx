import { PasswordInput, Radio, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FileButton } from '../../components/FileButton'
import type { QuestionProps } from './NetworksQuestion'
import css from './Setup.module.css'

/** As in the contract's setupRequestSchema: base64 of at most 400,000 characters. */
const FILE_MAX_BYTES = 299_000

const toBase64 = async (file: File): Promise<string> => {
  let binary = ''
  for (const byte of new Uint8Array(await file.arrayBuffer())) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** A new site with an authority of its own, or one that is brought along. */
export const SiteQuestion = ({ answers, change }: QuestionProps) => {
  const { t } = useTranslation()
  const [tooLarge, setTooLarge] = useState(false)
  const load = async (file: File) => {
    setTooLarge(file.size > FILE_MAX_BYTES)
    if (file.size <= FILE_MAX_BYTES) change({ file: { name: file.name, base64: await toBase64(file) } })
  }
  return (
    <section className={css.question}>
      <h2>3 · {t('setup.site.title')}</h2>
      <TextInput
        label={t('setup.site.name')}
        placeholder={t('setup.site.placeholder')}
        value={answers.siteName}
        maxLength={63}
        autoComplete="off"
        onChange={(event) => change({ siteName: event.currentTarget.value })}
        data-testid="setup-site"
      />
      <Radio.Group
        aria-label={t('setup.site.title')}
        value={answers.site}
        onChange={(value) => change({ site: value === 'open' ? 'open' : 'new' })}
      >
        <div className={css.radios}>
          <Radio
            value="new"
            label={t('setup.site.new')}
            description={t('setup.site.newHint')}
            data-testid="setup-site-new"
          />
          <Radio
            value="open"
            label={t('setup.site.open')}
            description={t('setup.site.openHint')}
            data-testid="setup-site-open"
          />
        </div>
      </Radio.Group>
      {answers.site === 'open' && (
        <div className={css.checks}>
          <div className={css.startRow}>
            <FileButton small accept=".p12,.pfx" onFile={load} testid="setup-file">
              {t('setup.site.file')}
            </FileButton>
            <span className="mute">
              {tooLarge ? t('setup.site.tooLarge') : (answers.file?.name ?? t('setup.site.noFile'))}
            </span>
          </div>
          <PasswordInput
            label={t('setup.site.filePassphrase')}
            value={answers.filePassphrase}
            maxLength={256}
            autoComplete="off"
            onChange={(event) => change({ filePassphrase: event.currentTarget.value })}
            data-testid="setup-file-passphrase"
          />
        </div>
      )}
    </section>
  )
}
