import i18next from 'i18next'
import { Component, type ReactNode } from 'react'
import { StateBox } from './StateBox'

/** Keeps a defect in one part of the window from taking the rest with it. Give it a `key` to start afresh. */
export class Catch extends Component<{ readonly children: ReactNode }, { readonly broken: boolean }> {
  override state = { broken: false }
  static getDerivedStateFromError() {
    return { broken: true }
  }
  override render() {
    if (!this.state.broken) return this.props.children
    const { t } = i18next
    return (
      <StateBox
        tone="bad"
        what={t('shell.defect.what')}
        state={t('shell.defect.state')}
        next={t('shell.defect.next')}
        alert
      />
    )
  }
}
