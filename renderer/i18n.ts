/** Languages of the window. The keys are those of the English texts; the compiler refuses others and missing ones. */
import i18next from 'i18next'
import { initReactI18next, useTranslation } from 'react-i18next'
import type { Settings } from '../electron/contract/settings'
import { de } from './locales/de'
import { en } from './locales/en'

export type Language = 'en' | 'de'

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation'
    resources: { translation: typeof en }
  }
}

/** The language that a setting means on this laptop. */
export const languageOf = (
  setting: Settings['language'] | undefined,
  system = navigator.language,
): Language =>
  setting === 'en' || setting === 'de' ? setting : system.toLowerCase().startsWith('de') ? 'de' : 'en'

/** Prepares the texts; they are part of the program, so nothing is loaded. */
export const startLanguages = async (language: Language): Promise<void> => {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    resources: { en: { translation: en }, de: { translation: de } },
    interpolation: { escapeValue: false },
  })
}

export const setLanguage = (language: Language): void => {
  if (i18next.language !== language) void i18next.changeLanguage(language)
  document.documentElement.lang = language
}

export const useLanguage = (): Language => (useTranslation().i18n.language === 'de' ? 'de' : 'en')
