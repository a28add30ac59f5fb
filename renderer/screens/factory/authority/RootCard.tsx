import { Radio } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AuthorityView } from '../../../../electron/contract/factory'
import { Button } from '../../../components/Button'
import { Pill } from '../../../components/Pill'
import { ErrorBox } from '../../../components/StateBox'
import { useSave } from '../../../components/use-save'
import { fileName } from '../../../model/station-check'
import { saveText } from '../../../stores/factory'
import css from '../Factory.module.css'
import { Card, CardName } from './Card'
import { RootForm } from './RootForm'

const STEPS = ['save', 'sign', 'install'] as const

const Elsewhere = () => {
  const { t } = useTranslation()
  return (
    <>
      <p>{t('factory.authority.root.elsewhereText')}</p>
      <ol className={css.steps}>
        {STEPS.map((step) => (
          <li key={step}>{t(`factory.authority.root.elsewhere.${step}`)}</li>
        ))}
      </ol>
    </>
  )
}

const Here = ({
  root,
  onSign,
}: {
  readonly root: NonNullable<AuthorityView['rootHere']>
  readonly onSign: () => void
}) => {
  const { t } = useTranslation()
  const save = useSave(saveText)
  return (
    <>
      <CardName name={root.commonName} fingerprint={root.fingerprint} />
      <p className="mute">{t('factory.authority.root.exportHint')}</p>
      <div className={css.actions}>
        <Button
          busy={save.busy}
          onClick={() => void save.run(fileName(root.commonName, '.pem'), root.pem)}
          data-testid="root-export"
        >
          {t('factory.authority.root.export')}
        </Button>
        <Button onClick={onSign} needs="authority.sign" data-testid="sign-open">
          {t('factory.authority.root.sign')}
        </Button>
      </div>
      {save.saved && (
        <p role="status" className="mute select-text">
          {save.saved}
        </p>
      )}
      {save.error && <ErrorBox error={save.error} />}
    </>
  )
}

/** The factory's root: on this laptop or on another one, where it is safer. */
export const RootCard = ({
  authority,
  onSign,
}: {
  readonly authority: AuthorityView
  readonly onSign: () => void
}) => {
  const { t } = useTranslation()
  const [here, setHere] = useState(false)
  const { rootHere, rootName, rootFingerprint } = authority
  const pill = rootHere ? (
    <Pill tone="ok">{t('factory.authority.root.here')}</Pill>
  ) : rootName ? (
    <Pill tone="ok">{t('factory.authority.root.there')}</Pill>
  ) : (
    <Pill tone="neutral">{t('factory.authority.root.none')}</Pill>
  )
  return (
    <Card title={t('factory.authority.root.title')} pill={pill} testid="authority-root">
      {rootHere ? (
        <Here root={rootHere} onSign={onSign} />
      ) : rootName ? (
        <>
          <CardName name={rootName} fingerprint={rootFingerprint} />
          <Elsewhere />
        </>
      ) : (
        <>
          <Radio.Group
            value={here ? 'here' : 'there'}
            onChange={(value) => setHere(value === 'here')}
            label={t('factory.authority.root.question')}
          >
            <div className={css.choices}>
              <Radio
                value="there"
                label={t('factory.authority.root.onOther')}
                description={t('factory.authority.root.onOtherHint')}
                data-testid="root-there"
              />
              <Radio
                value="here"
                label={t('factory.authority.root.onThis')}
                description={t('factory.authority.root.onThisHint')}
                data-testid="root-here"
              />
            </div>
          </Radio.Group>
          {here ? <RootForm /> : <Elsewhere />}
        </>
      )}
    </Card>
  )
}
