/** Setting up the factory station: authority, numbers, people, ledger. */
export const FactoryScreen = () => <div data-testid="factory" />
