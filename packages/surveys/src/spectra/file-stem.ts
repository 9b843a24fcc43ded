/** The last part of a file's name without what marks its format: `a/m0001V.fits.gz` → `m0001V`. */
export function stemOf(name: string): string {
  return name
    .split(/[\\/]/)
    .at(-1)!
    .replace(/\.(?:gz|fz)$/i, '')
    .replace(/\.(?:fits?|npz|e?csv|tsv|txt|dat|vot|votable|xml|parquet|h5|hdf5?)$/i, '')
}
