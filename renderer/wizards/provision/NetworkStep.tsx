import { PasswordInput, Switch, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import { Fingerprint } from '../../components/Chain'
import { Panel } from '../../components/Panel'
import { Sign } from '../../components/Sign'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { commonName } from '../../model/names'
import { ssidBytes, ssidTooLong, type Target } from '../../model/provision'
import { goBack, setNetwork, startProvisioning, useProvision } from '../../stores/provision'
import { useSession } from '../../stores/session'
import css from './Provision.module.css'
import { Will } from './Will'

/** Whom the device will obey from now on. */
const Anchor = () => {
  const { t } = useTranslation()
  const authority = useSession(({ status }) => status?.siteAuthority)
  const siteName = useSession(({ status }) => status?.siteName ?? '')
  return (
    <section className={css.anchor}>
      <h2>{t('provision.network.anchor')}</h2>
      <p>
        <span className="mute">{t('identity.siteAuthority')}</span>{' '}
        <span className="strong">{authority ? commonName(authority.subject) : siteName}</span>
        {authority && (
          <>
            <br />
            <span className="mute">{t('identity.fingerprint')}</span>{' '}
            <Fingerprint value={authority.fingerprint} />
          </>
        )}
      </p>
      <p className="mute">{t('provision.network.anchorText')}</p>
    </section>
  )
}

/** Into which network, and whom it will obey there; then the job. */
export const NetworkStep = ({ target }: { readonly target: Target }) => {
  const { t } = useTranslation()
  const { ssid, credential, wired } = useProvision()
  const start = useAction(startProvisioning)
  const tooLong = !wired && ssidTooLong(ssid)
  const reason = wired
    ? undefined
    : ssid === ''
      ? t('provision.network.ssidNeeded')
      : tooLong
        ? t('provision.network.ssidShorter')
        : undefined
  return (
    <div className={css.split}>
      <Panel className={css.panel} label={t('provision.steps.network')}>
        <form
          className={css.fill}
          onSubmit={(event) => {
            event.preventDefault()
            if (!reason) void start.run()
          }}
        >
          <div className={css.scroll}>
            <p className="mute">{t('provision.network.hint')}</p>
            <div className={css.form}>
              <TextInput
                label={t('provision.network.ssid')}
                description={t('provision.network.ssidBytes', { count: wired ? 0 : ssidBytes(ssid) })}
                value={wired ? '' : ssid}
                disabled={wired}
                maxLength={64}
                autoComplete="off"
                spellCheck={false}
                error={tooLong ? t('provision.network.ssidLong') : undefined}
                onChange={(event) => setNetwork({ ssid: event.currentTarget.value })}
                data-testid="provision-ssid"
              />
              <PasswordInput
                label={t('provision.network.credential')}
                description={t('provision.network.credentialHint')}
                value={wired ? '' : credential}
                disabled={wired}
                maxLength={128}
                autoComplete="off"
                visibilityToggleButtonProps={{ 'aria-label': t('provision.network.show'), tabIndex: 0 }}
                onChange={(event) => setNetwork({ credential: event.currentTarget.value })}
                data-testid="provision-credential"
              />
              <Switch
                label={t('provision.network.wired')}
                description={t('provision.network.wiredHint')}
                checked={wired}
                onChange={(event) => setNetwork({ wired: event.currentTarget.checked })}
                data-testid="provision-wired"
              />
            </div>
            {!wired && ssid !== '' && credential === '' && (
              <p>
                <Sign name="warning" /> {t('provision.network.open')}
              </p>
            )}
            <Anchor />
            {start.error && (
              <ErrorBox error={start.error} subject={target.via === 'serial' ? target.path : undefined} />
            )}
          </div>
          <div className={css.foot}>
            <Button
              kind="primary"
              type="submit"
              busy={start.busy}
              reason={reason}
              needs="provision.start"
              data-testid="provision-start"
            >
              {t('provision.network.start')}
            </Button>
            <Button onClick={goBack} data-testid="provision-back">
              {t('shell.back')}
            </Button>
            <span className={css.footNote}>{t('provision.nothingChanged')}</span>
          </div>
        </form>
      </Panel>
      <Will />
    </div>
  )
}
