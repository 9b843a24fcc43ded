/** A stellar label: its canonical name, unit and how it is written in tables and plots. */
export interface LabelInfo {
  readonly name: string
  readonly unit: string
  readonly symbol: string
}

const BASIC: readonly (LabelInfo & { readonly synonyms: readonly string[] })[] = [
  { name: 'teff', unit: 'K', symbol: 'Teff', synonyms: ['teff_adop', 'teff_spec', 't_eff', 'effective_temperature'] },
  {
    name: 'logg',
    unit: 'dex(cm s-2)',
    symbol: 'log g',
    synonyms: ['logg_adop', 'logg_spec', 'log_g', 'log(g)', 'log g'],
  },
  { name: 'fe_h', unit: 'dex', symbol: '[Fe/H]', synonyms: ['feh', 'feh_adop', '[fe/h]', 'fe/h'] },
  { name: 'm_h', unit: 'dex', symbol: '[M/H]', synonyms: ['metals', 'param_m_h', '[m/h]', 'm/h', 'mh'] },
  { name: 'alpha_m', unit: 'dex', symbol: '[α/M]', synonyms: ['[alpha/m]', '[α/m]', 'alpham', 'param_alpha_m'] },
  { name: 'alpha_fe', unit: 'dex', symbol: '[α/Fe]', synonyms: ['alphafe', '[alpha/fe]', '[α/fe]'] },
  {
    name: 'v_rad',
    unit: 'km/s',
    symbol: 'v_rad',
    synonyms: ['vrad', 'rv', 'radial_velocity', 'vhelio_avg', 'v_helio'],
  },
  { name: 'v_sini', unit: 'km/s', symbol: 'v sin i', synonyms: ['vsini', 'v sin i'] },
  { name: 'v_micro', unit: 'km/s', symbol: 'v_micro', synonyms: ['vmicro'] },
  { name: 'v_macro', unit: 'km/s', symbol: 'v_macro', synonyms: ['vmacro'] },
]

/** Elements of the survey catalogues by atomic number, with ASPCAP's three species that are not whole elements. */
const ELEMENTS =
  'C CI C13 N O Na Mg Al Si P S K Ca Sc Ti TiII V Cr Mn Fe Co Ni Cu Zn Ge Rb Sr Y Zr Ba La Ce Nd Eu Yb'.split(' ')

const BY_NAME = new Map<string, LabelInfo>()
for (const { synonyms, ...info } of BASIC) for (const name of [info.name, ...synonyms]) BY_NAME.set(name, info)
for (const element of ELEMENTS) {
  const e = element.toLowerCase()
  for (const [base, text] of [
    ['h', 'H'],
    ['fe', 'Fe'],
    ['m', 'M'],
  ] as const) {
    if (e === base) continue
    const info: LabelInfo = { name: `${e}_${base}`, unit: 'dex', symbol: `[${element}/${text}]` }
    // Written without a sign between, only X/Fe is safe: NH, CM or NM are other things.
    const glued = base === 'fe' ? [`${e}fe`] : []
    for (const name of [info.name, `[${e}/${base}]`, `${e}/${base}`, ...glued]) {
      if (!BY_NAME.has(name)) BY_NAME.set(name, info)
    }
  }
}

/**
 * The label that a catalogue's column name means, ignoring case: `TEFF_ADOP` → teff, `FEH` → fe_h, `[Mg/Fe]` → mg_fe.
 *
 * `ALPHAFE` is taken as [α/Fe], as DESI means it; DR12 of APOGEE wrote it for [α/M], which its reader renames.
 *
 * @returns undefined when the name is not in the vocabulary.
 */
export function findLabel(name: string): LabelInfo | undefined {
  return BY_NAME.get(name.trim().toLowerCase())
}

/** The label of that name, with no unit and the name as its symbol when the vocabulary does not have it. */
export function labelInfo(name: string): LabelInfo {
  return findLabel(name) ?? { name, unit: '', symbol: name }
}
