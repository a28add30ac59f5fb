import { NativeSelect, Switch, TextInput } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { EnrollmentPolicy } from '../../../electron/contract/enrollment'
import { Allowed } from '../../components/Allowed'
import { Button } from '../../components/Button'
import { Sign } from '../../components/Sign'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { saveSettings } from '../../stores/session'
import { useSite } from '../../stores/site'
import css from './Site.module.css'

type Rule = EnrollmentPolicy['rules'][number]

/** Group names for a choice, with the present one even if it is gone. */
const useGroupNames = (present: string): string[] => {
  const names = useSite((site) => site.groups).map((group) => group.name)
  return names.includes(present) || present === '' ? names : [present, ...names]
}

const RuleRow = ({
  rule,
  number,
  onChange,
  onRemove,
}: {
  readonly rule: Rule
  readonly number: number
  readonly onChange: (part: Partial<Rule>) => void
  readonly onRemove: () => void
}) => {
  const { t } = useTranslation()
  const groups = useGroupNames(rule.group)
  return (
    <div className={css.rule}>
      <TextInput
        aria-label={`${t('site.policy.model')} ${number}`}
        value={rule.model}
        maxLength={64}
        onChange={(event) => onChange({ model: event.currentTarget.value })}
      />
      <TextInput
        aria-label={`${t('site.policy.serial')} ${number}`}
        value={rule.serial}
        maxLength={64}
        onChange={(event) => onChange({ serial: event.currentTarget.value })}
      />
      <NativeSelect
        aria-label={`${t('site.policy.group')} ${number}`}
        value={rule.group}
        data={groups}
        onChange={(event) => onChange({ group: event.currentTarget.value })}
      />
      <Button
        className={css.icon ?? ''}
        aria-label={t('site.policy.removeRule', { number })}
        onClick={onRemove}
      >
        <IconX size={14} aria-hidden="true" />
      </Button>
    </div>
  )
}

/** Zero-touch as a switch with its meaning in words, the group for those without one, and the rules. */
export const PolicyForm = ({ policy }: { readonly policy: EnrollmentPolicy }) => {
  const { t } = useTranslation()
  const [rules, setRules] = useState<readonly Rule[]>(policy.rules)
  const save = useAction((change: Partial<EnrollmentPolicy>) =>
    saveSettings({ policy: { ...policy, ...change } }),
  )
  const on = policy.mode === 'zero-touch'
  const readmit = policy.readmit !== false
  const groups = useGroupNames(policy.defaultGroup)
  const changed = JSON.stringify(rules) !== JSON.stringify(policy.rules)
  return (
    <Allowed needs="settings.set">
      <div className={css.policy}>
        <Switch
          label={<span className="strong">{t('site.policy.zeroTouch')}</span>}
          description={t(on ? 'site.policy.on' : 'site.policy.off')}
          checked={on}
          onChange={(event) => void save.run({ mode: event.currentTarget.checked ? 'zero-touch' : 'manual' })}
          data-testid="zero-touch"
        />
        {on && (
          <p>
            <Sign name="warning" /> {t('site.policy.warning')}
          </p>
        )}
        <Switch
          label={<span className="strong">{t('endOfLife.policy.readmit')}</span>}
          description={
            <>
              {t(readmit ? 'endOfLife.policy.on' : 'endOfLife.policy.off')}{' '}
              {t('endOfLife.policy.blockedHint')}
            </>
          }
          checked={readmit}
          onChange={(event) => void save.run({ readmit: event.currentTarget.checked })}
          data-testid="policy-readmit"
        />
        <NativeSelect
          label={t('site.policy.defaultGroup')}
          description={t('site.policy.defaultGroupHint')}
          value={policy.defaultGroup}
          data={groups}
          onChange={(event) => void save.run({ defaultGroup: event.currentTarget.value })}
          data-testid="default-group"
        />
        <section className={css.rows}>
          <h2>{t('site.policy.rules')}</h2>
          <p className="mute">
            {t('site.policy.rulesHint')} {!on && t('site.policy.onlyZeroTouch')}
          </p>
          {rules.length === 0 && <p className="mute">{t('site.policy.noRules')}</p>}
          {rules.length > 0 && (
            <div className={`${css.rule} ${css.rowHead}`} aria-hidden="true">
              <span>{t('site.policy.model')}</span>
              <span>{t('site.policy.serial')}</span>
              <span>{t('site.policy.group')}</span>
            </div>
          )}
          {rules.map((rule, index) => (
            <RuleRow
              // biome-ignore lint/suspicious/noArrayIndexKey: rules have no name of their own and are only edited in place
              key={index}
              rule={rule}
              number={index + 1}
              onChange={(part) =>
                setRules(rules.map((one, at) => (at === index ? { ...one, ...part } : one)))
              }
              onRemove={() => setRules(rules.filter((_, at) => at !== index))}
            />
          ))}
          <div className={css.head} style={{ padding: 0, border: 0, justifyContent: 'flex-start' }}>
            <Button
              small
              onClick={() => setRules([...rules, { model: '*', serial: '*', group: policy.defaultGroup }])}
              needs="settings.set"
              data-testid="rule-add"
            >
              {t('site.policy.addRule')}
            </Button>
            {changed && (
              <Button
                small
                kind="primary"
                busy={save.busy}
                onClick={() => void save.run({ rules: [...rules] })}
                needs="settings.set"
                data-testid="rules-save"
              >
                {t('site.policy.save')}
              </Button>
            )}
          </div>
        </section>
        {save.error && <ErrorBox error={save.error} />}
      </div>
    </Allowed>
  )
}
