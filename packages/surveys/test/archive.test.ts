import {
  SDSS_BASE,
  apogeeFieldFolder,
  apogeeProductFile,
  apogeeStarFile,
  apogeeVisitFile,
  archiveUrl,
  desiHealpixFile,
  desiProductFile,
  desiTileFile,
  lamostFile,
  milesFile,
  milesParametersFile,
  mwmCatalogFile,
  mwmStarFile,
  parseSdssId,
  phoenixFile,
  phoenixNodes,
  phoenixWaveFile,
  sdssProductFile,
  sdssSpecFile,
} from '@astrolabel/surveys'
import type { ArchiveFile } from '@astrolabel/surveys'
import { describe, expect, test } from 'vitest'

/** A file, then where it is looked for when it is not there. */
function chain(file: ArchiveFile): string[] {
  return [file.path, ...(file.otherwise === undefined ? [] : chain(file.otherwise))]
}

describe('APOGEE', () => {
  // Addresses that specutils' tests, astroNN and the SDSS pages load.
  test.each([
    [
      apogeeStarFile({ id: '2M17335483-2753043', telescope: 'apo25m', field: '000+02' }),
      'https://data.sdss.org/sas/dr17/apogee/spectro/redux/dr17/stars/apo25m/000+02/apStar-dr17-2M17335483-2753043.fits',
    ],
    [
      apogeeStarFile({ id: '2M03174068-7748459', telescope: 'lco25m', field: '293-37-C' }),
      'https://data.sdss.org/sas/dr17/apogee/spectro/redux/dr17/stars/lco25m/293-37-C/asStar-dr17-2M03174068-7748459.fits',
    ],
    [
      apogeeStarFile({ id: '2M00005414+5522241', telescope: 'apo25m', field: 'N7789' }, 'apStar', 'dr16'),
      'https://data.sdss.org/sas/dr16/apogee/spectro/redux/r12/stars/apo25m/N7789/apStar-r12-2M00005414+5522241.fits',
    ],
    [
      apogeeStarFile({ id: '2M03174068-7748459', telescope: 'lco25m', field: '293-37-C' }, 'aspcapStar'),
      'https://data.sdss.org/sas/dr17/apogee/spectro/aspcap/dr17/synspec_rev1/lco25m/293-37-C/aspcapStar-dr17-2M03174068-7748459.fits',
    ],
    [
      apogeeStarFile({ id: '2M00005414+5522241', telescope: 'apo25m', field: 'N7789' }, 'aspcapStar', 'dr16'),
      'https://data.sdss.org/sas/dr16/apogee/spectro/aspcap/r12/l33/apo25m/N7789/aspcapStar-r12-2M00005414+5522241.fits',
    ],
    [
      apogeeStarFile({ id: '2M07440053+1053592-55960', telescope: 'apo25m', field: 4291 }, 'apStar', 'dr13'),
      'https://data.sdss.org/sas/dr13/apogee/spectro/redux/r6/stars/apo25m/4291/apStar-r6-2M07440053+1053592-55960.fits',
    ],
    [
      apogeeStarFile({ id: '2M12241699+2453335', telescope: 'apo25m', field: '4291' }, 'aspcapStar', 'dr14'),
      'https://data.sdss.org/sas/dr14/apogee/spectro/redux/r8/stars/l31c/l31c.2/4291/aspcapStar-r8-l31c.2-2M12241699+2453335.fits',
    ],
    [
      apogeeStarFile({ id: '2M12241699+2453335', telescope: 'apo25m', field: 4291 }, 'aspcapStar', 'dr12'),
      'https://data.sdss.org/sas/dr12/apogee/spectro/redux/r5/stars/l25_6d/v603/4291/aspcapStar-r5-v603-2M12241699+2453335.fits',
    ],
    [
      apogeeVisitFile({ plate: 5815, mjd: 56396, fiber: 1, telescope: 'apo25m', field: '000+02' }),
      'https://data.sdss.org/sas/dr17/apogee/spectro/redux/dr17/visit/apo25m/000+02/5815/56396/apVisit-dr17-5815-56396-001.fits',
    ],
    [
      apogeeVisitFile({ plate: '5094', mjd: '55874', fiber: '88', telescope: 'apo25m' }, 'dr13'),
      'https://data.sdss.org/sas/dr13/apogee/spectro/redux/r6/apo25m/5094/55874/apVisit-r6-5094-55874-088.fits',
    ],
    [
      apogeeProductFile('allStar'),
      'https://data.sdss.org/sas/dr17/apogee/spectro/aspcap/dr17/synspec_rev1/allStar-dr17-synspec_rev1.fits',
    ],
    [
      apogeeProductFile('allStar', 'dr16'),
      'https://data.sdss.org/sas/dr16/apogee/spectro/aspcap/r12/l33/allStar-r12-l33.fits',
    ],
    [
      apogeeProductFile('allStar', 'dr14'),
      'https://data.sdss.org/sas/dr14/apogee/spectro/redux/r8/stars/l31c/l31c.2/allStar-l31c.2.fits',
    ],
    [
      apogeeProductFile('allVisit', 'dr14'),
      'https://data.sdss.org/sas/dr14/apogee/spectro/redux/r8/allVisit-l31c.2.fits',
    ],
  ])('%o', (file, url) => expect(archiveUrl(SDSS_BASE, file.path)).toBe(url))

  test('digests lie beside the files under the names that astroNN reads', () => {
    const star = { id: '2M12241699+2453335', telescope: 'apo25m', field: 4291 }
    expect(apogeeStarFile(star, 'apStar', 'dr14').checksums).toEqual({
      path: 'dr14/apogee/spectro/redux/r8/stars/apo25m/4291/r8_stars_apo25m_4291.sha1sum',
      algorithm: 'sha1',
    })
    expect(apogeeStarFile(star, 'aspcapStar', 'dr13').checksums!.path).toMatch(
      /l30e\.2\/4291\/stars_l30e_l30e\.2_4291\.sha1sum$/,
    )
  })

  test('a field is its folder, of which the wanted kind is taken', () => {
    const { path, accepts } = apogeeFieldFolder('lco25m', '293-37-C')
    expect(path).toBe('dr17/apogee/spectro/redux/dr17/stars/lco25m/293-37-C/')
    expect(
      ['asStar-dr17-2M03174068-7748459.fits', 'aspcapStar-dr17-x.fits', 'a.sha1sum', 'asStar-1.log'].filter(accepts),
    ).toEqual(['asStar-dr17-2M03174068-7748459.fits'])
  })

  test('what a release does not have is told', () => {
    expect(() => apogeeProductFile('allStarLite', 'dr14')).toThrow(/dr14 has no allStarLite.*allStar, allVisit/)
    expect(() => apogeeStarFile({ id: 'x', telescope: 'vlt', field: 'y' })).toThrow(/telescope.*got vlt/)
    expect(() => apogeeVisitFile({ plate: 1, mjd: 56396, fiber: 1, telescope: 'apo25m' })).toThrow(/FIELD/)
  })
})

describe('SDSS', () => {
  test.each([
    [
      sdssSpecFile({ plate: 3586, mjd: 55181, fiber: 2 }),
      ['dr17/eboss/spectro/redux/v5_13_2/spectra/lite/3586/spec-3586-55181-0002.fits'],
    ],
    [
      sdssSpecFile({ plate: 10_235, mjd: 58_127, fiber: 6, run2d: 'v5_13_2' }),
      ['dr17/eboss/spectro/redux/v5_13_2/spectra/lite/10235/spec-10235-58127-0006.fits'],
    ],
    [
      sdssSpecFile({ plate: 4055, mjd: 55_359, fiber: 596 }, 'lite', 'dr16'),
      ['dr16/eboss/spectro/redux/v5_13_0/spectra/lite/4055/spec-4055-55359-0596.fits'],
    ],
    [
      sdssSpecFile({ plate: 3586, mjd: 55181, fiber: 16, run2d: 'v5_13_2' }, 'full'),
      ['dr17/eboss/spectro/redux/v5_13_2/spectra/full/3586/spec-3586-55181-0016.fits'],
    ],
    [
      sdssSpecFile({ plate: 266, mjd: 51_602, fiber: 31, run2d: 26 }),
      ['dr17/sdss/spectro/redux/26/spectra/lite/0266/spec-0266-51602-0031.fits'],
    ],
    [
      sdssSpecFile({ plate: '0266', mjd: '51602', fiber: '1' }),
      ['26', '103', '104'].map((run) => `dr17/sdss/spectro/redux/${run}/spectra/lite/0266/spec-0266-51602-0001.fits`),
    ],
    [
      sdssSpecFile({ plate: 7339, mjd: 56_768, fiber: 1 }, 'lite', 'dr12'),
      ['v5_7_0', 'v5_7_2'].map((run) => `dr12/boss/spectro/redux/${run}/spectra/lite/7339/spec-7339-56768-0001.fits`),
    ],
    [
      sdssSpecFile({ plate: 3586, mjd: 55_181, fiber: 1 }, 'full', 'dr13'),
      ['dr13/eboss/spectro/redux/v5_9_0/spectra/3586/spec-3586-55181-0001.fits'],
    ],
    [sdssProductFile('specObj'), ['dr17/sdss/spectro/redux/specObj-dr17.fits']],
    [sdssProductFile('ssppOut', 'dr16'), ['dr16/sdss/sspp/ssppOut-dr12.fits']],
  ])('%o', (file, paths) => expect(chain(file)).toEqual(paths))

  test('spectra are named as their files are', () => {
    expect(parseSdssId('spec-0266-51602-0031.fits')).toEqual({ plate: '0266', mjd: '51602', fiber: '0031' })
    expect(() => parseSdssId('0266/51602')).toThrow(/PLATE-MJD-FIBER/)
  })
})

describe('DESI', () => {
  test('files of a pixel and of a tile, with their digests', () => {
    expect(desiHealpixFile(10_000, 'main', 'dark')).toEqual({
      path: 'dr1/spectro/redux/iron/healpix/main/dark/100/10000/coadd-main-dark-10000.fits',
      checksums: {
        path: 'dr1/spectro/redux/iron/healpix/main/dark/100/10000/redux_iron_healpix_main_dark_100_10000.sha256sum',
        algorithm: 'sha256',
      },
    })
    expect(desiHealpixFile('99', 'SV3', 'bright', 'redrock', 'edr').path).toBe(
      'edr/spectro/redux/fuji/healpix/sv3/bright/0/99/redrock-sv3-bright-99.fits',
    )
    const tile = desiTileFile(406, 20_210_406, 0)
    expect(tile.path).toBe('dr1/spectro/redux/iron/tiles/cumulative/406/20210406/coadd-0-406-thru20210406.fits')
    expect(tile.checksums!.path).toMatch(/\/redux_iron_tiles_cumulative_406_20210406\.sha256sum$/)
    expect(desiHealpixFile(2152, 'cmx', 'other', 'rvtab').path).toBe(
      'dr1/vac/dr1/mws/iron/v1.0/rv_output/240520/healpix/cmx/other/21/2152/rvtab_coadd-cmx-other-2152.fits',
    )
  })

  test('catalogues', () => {
    expect(desiProductFile('zall-pix')).toEqual({
      path: 'dr1/spectro/redux/iron/zcatalog/v1/zall-pix-iron.fits',
      checksums: {
        path: 'dr1/spectro/redux/iron/zcatalog/v1/redux_iron_zcatalog_v1.sha256sum',
        algorithm: 'sha256',
      },
    })
    expect(desiProductFile('zall-pix', 'edr').path).toBe('edr/spectro/redux/fuji/zcatalog/zall-pix-fuji.fits')
    expect(desiProductFile('mwsall-pix')).toMatchObject({
      path: 'dr1/vac/dr1/mws/iron/v1.0/mwsall-pix-iron.fits',
      checksums: { path: 'dr1/vac/dr1/mws/iron/v1.0/dr1_vac_dr1_mws_iron_v1.0.sha256sum' },
    })
    expect(desiProductFile('tilepix').checksums!.path).toBe(
      'dr1/spectro/redux/iron/healpix/redux_iron_healpix.sha256sum',
    )
  })

  test('what is no pixel, survey or petal is told', () => {
    expect(() => desiHealpixFile(49_152, 'main', 'dark')).toThrow(/0 to 49151/)
    expect(() => desiHealpixFile(1, 'boss', 'dark')).toThrow(/survey of DESI.*main, sv1/)
    expect(() => desiTileFile(406, 20_210_406, 10)).toThrow(/0 to 9/)
    expect(() => desiTileFile(406, 406, 1)).toThrow(/YYYYMMDD/)
    expect(() => desiHealpixFile(1, 'main', 'dark', 'rvtab', 'edr')).toThrow(/mwsall-pix/)
  })
})

describe('PHOENIX', () => {
  const GRID = 'PHOENIX-ACES-AGSS-COND-2011'

  test.each([
    [{ teff: 2300, logg: 4, mH: 0, alpha: 0 }, `Z-0.0/lte02300-4.00-0.0.${GRID}-HiRes.fits`],
    [{ teff: 12_000, logg: 2.5, mH: 0.5, alpha: 0 }, `Z+0.5/lte12000-2.50+0.5.${GRID}-HiRes.fits`],
    [
      { teff: 5800, logg: 4.5, mH: -1, alpha: 0.4 },
      `Z-1.0.Alpha=+0.40/lte05800-4.50-1.0.Alpha=+0.40.${GRID}-HiRes.fits`,
    ],
    [
      { teff: 5800, logg: 0, mH: -1, alpha: -0.2 },
      `Z-1.0.Alpha=-0.20/lte05800-0.00-1.0.Alpha=-0.20.${GRID}-HiRes.fits`,
    ],
  ])('%o', (node, path) => expect(phoenixFile(node)).toEqual({ path: `${GRID}/${path}`, optional: true }))

  test('the published grid: 73 temperatures, 13 gravities, 9 metallicities', () => {
    const nodes = phoenixNodes({})
    expect(nodes).toHaveLength(73 * 13 * 9)
    expect(new Set(nodes.map(({ teff }) => teff)).size).toBe(73)
    expect(new Set(nodes.map((node) => phoenixFile(node).path)).size).toBe(nodes.length)
    expect([...new Set(nodes.map(({ mH }) => mH))]).toEqual([-4, -3, -2, -1.5, -1, -0.5, 0, 0.5, 1])
    expect(phoenixWaveFile().path).toBe(`WAVE_${GRID}.fits`)
  })

  test('ranges, ends included; α only where it was computed', () => {
    expect(phoenixNodes({ teff: [4000, 5000], logg: [4, 5], mH: [-0.5, 0.5] })).toHaveLength(11 * 3 * 3)
    expect(phoenixNodes({ teff: [7000, 7400], logg: [4, 4], mH: [0, 0] }).map(({ teff }) => teff)).toEqual([
      7000, 7200, 7400,
    ])
    const alphas = phoenixNodes({ teff: [3400, 3600], logg: [4, 4], mH: [0, 0.5], alpha: [-0.2, 1.2] })
    expect(alphas.filter(({ alpha }) => alpha !== 0).every(({ teff, mH }) => teff >= 3500 && mH <= 0)).toBe(true)
    expect(new Set(alphas.map(({ alpha }) => alpha))).toEqual(new Set([-0.2, 0, 0.2, 0.4, 0.6, 0.8, 1, 1.2]))
    expect(() => phoenixNodes({ teff: [4010, 4090] })).toThrow(/no Teff in this range: got 4010 to 4090.*4000, 4100/)
    expect(() => phoenixNodes({ teff: [3000, 3000], alpha: [0.2, 0.2] })).toThrow(/α other than 0/)
  })
})

test('SDSS-V', () => {
  const paths = [54_400_160, '117524931', 7n].map((id) => mwmStarFile(id).path)
  expect(paths).toEqual([
    'dr19/spectro/astra/0.6.0/spectra/star/01/60/mwmStar-0.6.0-54400160.fits',
    'dr19/spectro/astra/0.6.0/spectra/star/49/31/mwmStar-0.6.0-117524931.fits',
    'dr19/spectro/astra/0.6.0/spectra/star/00/07/mwmStar-0.6.0-7.fits',
  ])
  expect(archiveUrl(SDSS_BASE, mwmCatalogFile().path)).toBe(
    'https://data.sdss.org/sas/dr19/spectro/astra/0.6.0/summary/astraAllStarASPCAP-0.6.0.fits.gz',
  )
})

test('MILES and LAMOST', () => {
  expect(milesFile(1).path).toBe('MILES_res2.50_star_m0001V.fits')
  expect(milesFile('m0985').path).toBe('MILES_res2.50_star_m0985V.fits')
  expect(milesParametersFile().path).toBe('MILES_params.db')
  expect(lamostFile('437513049', 'lrs', 'dr10')).toEqual({
    path: 'dr10/v2.0/spectrum/fits/437513049',
    saveAs: 'dr10/v2.0/lrs/spec-437513049.fits.gz',
  })
  expect(lamostFile(738_709_169, 'mrs').path).toBe('dr11/v2.0/medspectrum/fits/738709169')
})

test.each([
  ['../../etc/passwd'],
  ['..'],
  ['.'],
  [''],
  ['a/b'],
  ['a\\b'],
  ['%2e%2e'],
  ['x\0y'],
  ['x\ny'],
  ['-'.repeat(121)],
  ['~root'],
  ['C:'],
])('an identifier that could leave the folder is refused: %j', (hostile) => {
  const refused = expect.objectContaining({ code: 'archive/bad-identifier' }) as unknown
  for (const use of [
    () => apogeeStarFile({ id: hostile, telescope: 'apo25m', field: 'N7789' }),
    () => apogeeStarFile({ id: 'x', telescope: 'apo25m', field: hostile }),
    () => sdssSpecFile({ plate: hostile, mjd: 55_181, fiber: 1 }),
    () => desiHealpixFile(hostile, 'main', 'dark'),
    () => milesFile(hostile),
    () => lamostFile(hostile),
    () => mwmStarFile(hostile),
  ])
    expect(use).toThrow(refused as Error)
  // An empty RUN2D of a catalogue is one that is not known.
  if (hostile !== '')
    expect(() => sdssSpecFile({ plate: 266, mjd: 51_602, fiber: 1, run2d: hostile })).toThrow(refused as Error)
})

test('addresses are escaped, the plus of field names stays', () => {
  expect(archiveUrl('https://mirror.example/sas', "a+b/c d/e'f?#.fits")).toBe(
    "https://mirror.example/sas/a+b/c%20d/e'f%3F%23.fits",
  )
})
