import { Option } from 'commander'

/** `--duplicates`: allStar and the catalogues of DESI have stars that were observed twice. */
export function duplicatesOption(): Option {
  return new Option(
    '--duplicates <rows>',
    'row of a star that repeats in a catalogue of APOGEE or DESI: of highest S/N, of lowest, or all (default: best)',
  ).choices(['best', 'lowest', 'all'])
}
