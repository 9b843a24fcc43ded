import {
  APOGEE_ASPCAPFLAG,
  APOGEE_PARAMFLAG,
  APOGEE_PIXMASK,
  APOGEE_STARFLAG,
  DESI_FIBERMASK,
  DESI_RVS_WARN,
  DESI_SPECMASK,
  SDSS_SPPIXMASK,
  SDSS_ZWARNING,
  flagSetOf,
} from '@astrolabel/surveys'
import { expect, test } from 'vitest'

test('masks that users write down as numbers', () => {
  // jobovy/apogee's and AnniesLasso's "bad pixel" mask is 255; DR17 recommends dropping bit 23 (STAR_BAD) stars.
  expect(APOGEE_PIXMASK.mask('BADPIX', 'CRPIX', 'SATPIX', 'UNFIXABLE', 'BADDARK', 'BADFLAT', 'BADERR', 'NOSKY')).toBe(
    255n,
  )
  expect(APOGEE_ASPCAPFLAG.mask('STAR_BAD')).toBe(1n << 23n)
  expect(APOGEE_ASPCAPFLAG.names(142608512)).toEqual(['STAR_WARN', 'SN_WARN', 'STAR_BAD', 'SN_BAD'])
  expect(APOGEE_ASPCAPFLAG.bit('MULTIPLE_SUSPECT')).toBe(41)
  expect(APOGEE_STARFLAG.bit('RV_FAIL')).toBe(22)
  expect(APOGEE_PARAMFLAG.names(65536)).toEqual(['PARAM_FIXED'])
  expect(SDSS_SPPIXMASK.mask32('BRIGHTSKY')).toBe(2 ** 23)
  expect(SDSS_ZWARNING.mask32('SMALL_DELTA_CHI2')).toBe(4)
  expect(DESI_SPECMASK.mask32('COSMIC')).toBe(4)
  expect(DESI_FIBERMASK.names(512)).toEqual(['BADPOSITION'])
  // rvspecfit writes these as values, not as bits.
  expect(
    ['CHISQ_WARN', 'RV_WARN', 'RVERR_WARN', 'PARAM_WARN', 'VSINI_WARN', 'BAD_SPECTRUM', 'BAD_HESSIAN'].map((name) =>
      DESI_RVS_WARN.mask32(name),
    ),
  ).toEqual([1, 2, 4, 8, 16, 32, 64])
})

test('columns of flags are known by name, those of labels by their pattern', () => {
  const sets = { STARFLAG: APOGEE_STARFLAG, andflag: APOGEE_STARFLAG, ASPCAPFLAG: APOGEE_ASPCAPFLAG }
  for (const [name, set] of Object.entries(sets)) expect(flagSetOf(name)).toBe(set)
  for (const name of ['TEFF_FLAG', 'MG_FE_FLAG', 'AL_H_FLAG', 'c_m_elem_flag', 'VMICRO_FLAG', 'PARAMFLAG'])
    expect(flagSetOf(name)).toBe(APOGEE_PARAMFLAG)
  expect(flagSetOf('EXTRATARG')!.names(16)).toEqual(['DUPLICATE'])
  expect(flagSetOf('ZWARNING')).toBe(SDSS_ZWARNING)
  expect([flagSetOf('FIBERSTATUS'), flagSetOf('RVS_WARN')]).toEqual([DESI_FIBERMASK, DESI_RVS_WARN])
  // astra's flags of DR19 have bits of their own.
  for (const name of ['mg_h_flags', 'FLAG', 'WASH_DDO51_STAR_FLAG', 'result_flags', 'teff'])
    expect(flagSetOf(name)).toBeUndefined()
})
