/** The locked, full-screen station: lanes read from two metres. */
export const StationScreen = () => <div data-testid="station" />
