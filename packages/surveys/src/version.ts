/** Version of this package, which spectra carry on; a constant, as a browser cannot read `package.json`. */
export const VERSION: string = '0.0.0'
