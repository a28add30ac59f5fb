/** Network and site trust into a device, by cable or with its setup code. */
export const ProvisionWizard = () => <div data-testid="provision" />
