/** km/s, exact by definition. */
export const SPEED_OF_LIGHT = 299_792.458
