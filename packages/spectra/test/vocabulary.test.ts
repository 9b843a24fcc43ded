import { findLabel, labelInfo } from '@astrolabel/spectra'
import { expect, test } from 'vitest'

test.each([
  ['teff', ['teff', 'TEFF', 'Teff', 'TEFF_ADOP', ' Teff ']],
  ['logg', ['logg', 'LOGG', 'LOGG_ADOP']],
  ['fe_h', ['feh', 'FE_H', 'FEH', 'FEH_ADOP', 'fe_h', '[Fe/H]']],
  ['m_h', ['m_h', 'M_H', 'METALS', 'PARAM_M_H']],
  ['alpha_m', ['alpha_m', 'ALPHA_M']],
  ['alpha_fe', ['ALPHAFE']],
  ['mg_fe', ['mg_fe', 'MG_FE', '[Mg/Fe]', 'MgFe']],
  ['mg_h', ['mg_h', 'MG_H', '[Mg/H]']],
  ['c_m', ['C_M']],
  ['n_m', ['N_M']],
  ['v_rad', ['VRAD', 'v_rad']],
  ['v_sini', ['VSINI', 'v_sini']],
])('%s goes by these names', (canonical, names) => {
  expect(names.map((name) => findLabel(name)?.name)).toEqual(names.map(() => canonical))
})

test('every species of ASPCAP is known over iron and over hydrogen', () => {
  const species = 'C CI N O Na Mg Al Si P S K Ca Ti TiII V Cr Mn Co Ni Cu Ge Rb Ce Nd Yb C13'.split(' ')
  for (const element of species) {
    expect(findLabel(`${element.toUpperCase()}_FE`)).toEqual({
      name: `${element.toLowerCase()}_fe`,
      unit: 'dex',
      symbol: `[${element}/Fe]`,
    })
    expect(findLabel(`${element}_H`)?.name).toBe(`${element.toLowerCase()}_h`)
  }
})

test('labels carry unit and symbol', () => {
  expect(findLabel('TEFF')).toEqual({ name: 'teff', unit: 'K', symbol: 'Teff' })
  expect(findLabel('LOGG')).toEqual({ name: 'logg', unit: 'dex(cm s-2)', symbol: 'log g' })
  expect(findLabel('VHELIO_AVG')?.unit).toBe('km/s')
})

test.each(['NH', 'CM', 'NM', 'TEFF_ERR', 'LOGVMICRO', 'LGVSINI', 'SNR', 'ra', 'fe_fe', ''])(
  '%j is no label: it means something else',
  (name) => {
    expect(findLabel(name)).toBeUndefined()
  },
)

test('an unknown label is taken as it is', () => {
  expect(labelInfo('ebv')).toEqual({ name: 'ebv', unit: '', symbol: 'ebv' })
  expect(labelInfo('FEH').name).toBe('fe_h')
})
