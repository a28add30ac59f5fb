import '@fontsource-variable/inter'
import '@fontsource-variable/jetbrains-mono'
import '@mantine/core/styles.layer.css'
import './theme/tokens.css'
import './theme/mantine.css'
import './theme/base.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App'
import { languageOf, startLanguages } from './i18n'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')

await startLanguages(languageOf('system'))
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
