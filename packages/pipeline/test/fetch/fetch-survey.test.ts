import { fetchSurvey, listSurvey } from '@astrolabel/pipeline'
import type { FetchArchive, FetchSelection, FetchSurveyOptions } from '@astrolabel/pipeline'
import { healpixCenter, healpixOf } from '@astrolabel/surveys'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BadServer } from './bad-server.js'

let server: BadServer
let folder: string

beforeEach(async () => {
  server = await BadServer.start()
  folder = mkdtempSync(join(tmpdir(), 'astrolabel-fetch-'))
})
afterEach(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

const FITS = Buffer.alloc(2880, ' ')
FITS.write('SIMPLE  =                    T')

function options(): FetchSurveyOptions {
  return { baseUrl: `${server.url}/mirror/`, backoff: 1, attempts: 2 }
}

/** Serve FITS files under paths of the archive. */
function serve(...paths: string[]): void {
  for (const path of paths) server.serve(`/mirror/${path}`, FITS)
}

/** A list of digests of files, as `sha1sum` writes it. */
function sums(algorithm: string, ...names: string[]): string {
  const digest = createHash(algorithm).update(FITS).digest('hex')
  return names.map((name) => `${digest}  ${name}\n`).join('')
}

function files(): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => statSync(join(folder, name)).isFile() && !name.startsWith('catalog'))
    .sort()
}

function catalog(text: string): string {
  const path = join(folder, 'catalog.csv')
  writeFileSync(path, text)
  return path
}

function fetch(archive: FetchArchive, selection: FetchSelection) {
  return fetchSurvey(archive, selection, folder, options())
}

async function targets(archive: FetchArchive, selection: FetchSelection): Promise<string[]> {
  return (await listSurvey(archive, selection, folder, false, options())).map(({ target }) => target)
}

describe('APOGEE', () => {
  const ROOT = 'dr17/apogee/spectro/redux/dr17/stars'

  test('a whole field, by its list of digests', async () => {
    const names = ['apStar-dr17-2MA+1.fits', 'apStar-dr17-2MB-2.fits']
    serve(...names.map((name) => `${ROOT}/apo25m/000+02/${name}`))
    server.serve(`/mirror/${ROOT}/apo25m/000+02/dr17_stars_apo25m_000+02.sha1sum`, sums('sha1', ...names, 'plots.log'))
    const seen: string[] = []
    const summary = await fetchSurvey('apogee', { field: '000+02' }, folder, {
      ...options(),
      onFile: ({ verified }) => seen.push(verified),
    })
    expect(summary).toMatchObject({ files: 2, downloaded: 2, base: `${server.url}/mirror/` })
    expect(files()).toEqual(names.map((name) => `${ROOT}/apo25m/000+02/${name}`))
    expect(seen).toEqual(['sha1', 'sha1'])
  })

  test('a whole field, by the page of its folder', async () => {
    serve(`${ROOT}/lco25m/47TUC/asStar-dr17-2MC.fits`, `${ROOT}/lco25m/47TUC/other.fits`)
    expect(await fetch('apogee', { field: '47TUC', telescope: 'lco25m' })).toMatchObject({ downloaded: 1, failed: 0 })
    expect(files()).toEqual([`${ROOT}/lco25m/47TUC/asStar-dr17-2MC.fits`])
    await expect(fetch('apogee', { field: 'NOWHERE' })).rejects.toMatchObject({ code: 'fetch/no-folder' })
  })

  test('rows of a catalogue: selection, telescopes, kinds, identifiers', async () => {
    const path = catalog(
      [
        'APOGEE_ID,TELESCOPE,FIELD,FILE,SNR',
        '2MA,apo25m,N7789,apStar-dr17-2MA.fits,150',
        '2MB,lco25m,47TUC,asStar-dr17-2MB-55960.fits,250',
        '2MC,apo1m,hip,,90',
        '2MD,apo25m,N7789,,400',
      ].join('\n'),
    )
    expect(
      await targets('apogee', { catalog: path, select: 'snr > 100', kind: 'apStar,aspcapStar', ids: '2MA,2MB' }),
    ).toEqual([
      `${ROOT}/apo25m/N7789/apStar-dr17-2MA.fits`,
      `${ROOT}/lco25m/47TUC/asStar-dr17-2MB-55960.fits`,
      'dr17/apogee/spectro/aspcap/dr17/synspec_rev1/apo25m/N7789/aspcapStar-dr17-2MA.fits',
      'dr17/apogee/spectro/aspcap/dr17/synspec_rev1/lco25m/47TUC/aspcapStar-dr17-2MB-55960.fits',
    ])
    expect(await targets('apogee', { catalog: path, field: 'N7789', limit: 1 })).toEqual([
      `${ROOT}/apo25m/N7789/apStar-dr17-2MA.fits`,
    ])
    expect(await targets('apogee', { catalog: path, telescope: 'apo1m', release: 'dr16' })).toEqual([
      'dr16/apogee/spectro/redux/r12/stars/apo1m/hip/apStar-r12-2MC.fits',
    ])
    serve(`${ROOT}/apo25m/N7789/apStar-dr17-2MD.fits`)
    expect(await fetch('apogee', { catalog: path, select: 'snr > 300' })).toMatchObject({
      downloaded: 1,
      catalog: { rows: 4, selected: 1, clauses: [{ clause: 'snr > 300', removes: 3 }] },
    })
    await expect(fetch('apogee', { catalog: path, select: 'snr > 1000' })).rejects.toMatchObject({
      code: 'fetch/nothing',
      message: expect.stringContaining('4 rows, 0 of them selected') as string,
    })
    await expect(fetch('apogee', { catalog: path, kind: 'apVisit' })).rejects.toMatchObject({ code: 'fetch/no-column' })
    await expect(fetch('apogee', { catalog: path, release: 'dr14' })).rejects.toThrow(/no column LOCATION_ID/)
  })

  test('older releases go by the number of the location; of the 1 m telescope by field', async () => {
    const path = catalog('APOGEE_ID,LOCATION_ID,FIELD\n2MA,4264,M13\n2MB,1,hip\n')
    expect(await targets('apogee', { catalog: path, release: 'dr12' })).toEqual([
      'dr12/apogee/spectro/redux/r5/stars/apo25m/4264/apStar-r5-2MA.fits',
      'dr12/apogee/spectro/redux/r5/stars/apo1m/hip/apStar-r5-2MB.fits',
    ])
  })

  test('visits by plate and by the rows of allVisit; a catalogue beside', async () => {
    expect(
      await targets('apogee', { kind: 'apVisit', plate: '5815', mjd: '56396', fibers: '1,3', field: '000+02' }),
    ).toEqual(
      ['001', '003'].map(
        (fiber) =>
          `dr17/apogee/spectro/redux/dr17/visit/apo25m/000+02/5815/56396/apVisit-dr17-5815-56396-${fiber}.fits`,
      ),
    )
    const path = catalog('APOGEE_ID,TELESCOPE,FIELD,PLATE,MJD,FIBERID\n2MA,apo25m,M13,5094,55874,88\n')
    expect(await targets('apogee', { kind: 'apVisit', catalog: path, release: 'dr13', product: 'allStar' })).toEqual([
      'dr13/apogee/spectro/redux/r6/stars/l30e/l30e.2/allStar-l30e.2.fits',
      'dr13/apogee/spectro/redux/r6/apo25m/5094/55874/apVisit-r6-5094-55874-088.fits',
    ])
  })
})

test('APOGEE in DR19 goes by SDSS_ID', async () => {
  const path = catalog('sdss_id,teff\n54400160,4800\n117524931,6100\n')
  const star = 'dr19/spectro/astra/0.6.0/spectra/star/49/31/mwmStar-0.6.0-117524931.fits'
  expect(await targets('apogee', { release: 'dr19', catalog: path, select: 'teff > 5000' })).toEqual([star])
  expect(await targets('apogee', { release: 'dr19', ids: '117524931', product: 'allStar' })).toEqual([
    'dr19/spectro/astra/0.6.0/summary/astraAllStarASPCAP-0.6.0.fits.gz',
    star,
  ])
  for (const selection of [{}, { field: 'M13' }, { ids: '1', kind: 'apStar' }])
    await expect(fetch('apogee', { release: 'dr19', ...selection })).rejects.toMatchObject({ code: 'fetch/option' })
})

test('SDSS: the reduction that has the plate is found, and its digests', async () => {
  const place = 'dr17/sdss/spectro/redux/104/spectra/lite/2040'
  serve(`${place}/spec-2040-53384-0007.fits`)
  server.serve(`/mirror/${place}/104_spectra_lite_2040.sha1sum`, sums('sha1', 'spec-2040-53384-0007.fits'))
  const verified: string[] = []
  const summary = await fetchSurvey('sdss', { plate: '2040', mjd: '53384', fibers: '7-8' }, folder, {
    ...options(),
    onFile: (file) => verified.push(file.verified),
  })
  expect(summary).toMatchObject({ downloaded: 1, failed: 1 })
  expect(files()).toEqual([`${place}/spec-2040-53384-0007.fits`])
  expect(verified.sort()).toEqual(['nothing', 'sha1'])
  const path = catalog(
    'plate,mjd,fiberid,run2d,z\n266,51602,31,26,0.1\n3586,55181,2,v5_13_2,0.2\n4055,55359,596,,0.3\n',
  )
  expect(await targets('sdss', { catalog: path, ids: '0266-51602-0032', kind: 'lite' })).toEqual([
    'dr17/sdss/spectro/redux/26/spectra/lite/0266/spec-0266-51602-0032.fits',
    'dr17/sdss/spectro/redux/26/spectra/lite/0266/spec-0266-51602-0031.fits',
    'dr17/eboss/spectro/redux/v5_13_2/spectra/lite/3586/spec-3586-55181-0002.fits',
    'dr17/eboss/spectro/redux/v5_13_2/spectra/lite/4055/spec-4055-55359-0596.fits',
  ])
})

test('DESI: pixels of a cone, of rows and of positions; what a survey did not reach is absent', async () => {
  const pixel = 10_000
  const [ra, dec] = healpixCenter(pixel, 64)
  const place = `dr1/spectro/redux/iron/healpix/main/bright/100/${pixel}`
  serve(`${place}/coadd-main-bright-${pixel}.fits`)
  server.serve(
    `/mirror/${place}/redux_iron_healpix_main_bright_100_${pixel}.sha256sum`,
    sums('sha256', `coadd-main-bright-${pixel}.fits`),
  )
  const summary = await fetch('desi', { ra: String(ra), dec: String(dec), radius: '0.1', program: 'bright,dark' })
  expect(summary).toMatchObject({ files: 2, downloaded: 1, absent: 1, failed: 0 })
  expect(summary.missing[0]!.target).toContain('/dark/')
  expect(files()).toEqual([`${place}/coadd-main-bright-${pixel}.fits`])

  expect(
    await targets('desi', {
      catalog: catalog(`HEALPIX,SURVEY,PROGRAM\n${pixel},sv3,dark\n${pixel},sv3,dark\n7,sv1,other\n`),
      release: 'edr',
    }),
  ).toEqual([
    `edr/spectro/redux/fuji/healpix/sv3/dark/100/${pixel}/coadd-sv3-dark-${pixel}.fits`,
    'edr/spectro/redux/fuji/healpix/sv1/other/0/7/coadd-sv1-other-7.fits',
  ])
  expect(await targets('desi', { catalog: catalog(`ra,dec\n${ra},${dec}\n150.1,2.2\n,\n`), kind: 'rvtab' })).toEqual([
    `dr1/vac/dr1/mws/iron/v1.0/rv_output/240520/healpix/main/bright/100/${pixel}/rvtab_coadd-main-bright-${pixel}.fits`,
    expect.stringContaining(`-${healpixOf(150.1, 2.2, 64)}.fits`) as string,
  ])
  expect(await targets('desi', { tile: '406', night: '20210406', petals: '0,9' })).toEqual(
    [0, 9].map((petal) => `dr1/spectro/redux/iron/tiles/cumulative/406/20210406/coadd-${petal}-406-thru20210406.fits`),
  )
  // A pixel that was asked for by number must be there.
  expect(await fetch('desi', { healpix: '5' })).toMatchObject({ absent: 0, failed: 1 })
})

test('PHOENIX: the nodes of a range and the wavelengths; nodes that were never computed are absent', async () => {
  const node = 'PHOENIX-ACES-AGSS-COND-2011/Z-0.0/lte05000-4.50-0.0.PHOENIX-ACES-AGSS-COND-2011-HiRes.fits'
  serve('WAVE_PHOENIX-ACES-AGSS-COND-2011.fits', node)
  const summary = await fetch('phoenix', { teff: '5000:5100', logg: '4.5', mH: '0' })
  expect(summary).toMatchObject({ files: 3, downloaded: 2, absent: 1, failed: 0 })
  expect(files()).toEqual([node, 'WAVE_PHOENIX-ACES-AGSS-COND-2011.fits'])
  expect(
    await targets('phoenix', {
      catalog: catalog('TEFF,LOGG,FE_H\n5020,4.4,-0.1\n4990,4.6,0.1\n,4,0\n7333,1.1,-2.9\n'),
    }),
  ).toEqual([
    'WAVE_PHOENIX-ACES-AGSS-COND-2011.fits',
    node,
    'PHOENIX-ACES-AGSS-COND-2011/Z-3.0/lte07400-1.00-3.0.PHOENIX-ACES-AGSS-COND-2011-HiRes.fits',
  ])
})

test('MILES: the stars that a selection keeps, by its table of parameters, which comes along', async () => {
  const parameters = '#MILES  Teff  log g   [Fe/H]\n  0081  5650   4.40    -0.90\n  0505  4238   0.34    -1.49\n'
  server.serve('/mirror/MILES_params.db', parameters)
  serve('MILES_res2.50_star_m0081V.fits', 'MILES_res2.50_star_m0505V.fits')
  expect(await targets('miles', {})).toHaveLength(3)
  expect(files()).toEqual([])
  expect(await fetch('miles', { select: 'teff > 5000' })).toMatchObject({ downloaded: 2, failed: 0 })
  expect(files()).toEqual(['MILES_params.db', 'MILES_res2.50_star_m0081V.fits'])
  expect(readFileSync(join(folder, 'MILES_params.db'), 'utf8')).toBe(parameters)
  expect(await targets('miles', { ids: 's0505,3' })).toEqual([
    'MILES_params.db',
    'MILES_res2.50_star_m0505V.fits',
    'MILES_res2.50_star_m0003V.fits',
  ])
  expect(await targets('miles', { catalog: catalog('number,x\n81,1\n'), limit: 2 })).toEqual([
    'MILES_params.db',
    'MILES_res2.50_star_m0081V.fits',
  ])
  expect(await targets('miles', { product: 'library' })).toEqual(['MILES_library_v9.1_FITS.tar.gz'])
  expect(await targets('miles', { product: 'parameters' })).toEqual(['MILES_params.db'])
})

test('LAMOST: by OBSID', async () => {
  server.serve('/mirror/dr10/v2.0/spectrum/fits/437513049', gzipSync(FITS))
  expect(await fetch('lamost', { ids: '437513049', release: 'dr10' })).toMatchObject({ downloaded: 1, failed: 0 })
  expect(files()).toEqual(['dr10/v2.0/lrs/spec-437513049.fits.gz'])
  expect(await targets('lamost', { catalog: catalog('obsid,z\n738709169,0\n'), kind: 'mrs' })).toEqual([
    'dr11/v2.0/mrs/med-738709169.fits.gz',
  ])
})

test('rows that name nothing are told and the others come; when none does, it is an error', async () => {
  const path = catalog('plate,mjd,fiber\n266,51602,31\n../../etc,51602,1\n,,\n')
  const warnings: string[] = []
  const how = { ...options(), onWarning: (text: string) => warnings.push(text) }
  expect(await listSurvey('sdss', { catalog: path }, folder, false, how)).toHaveLength(1)
  expect(warnings).toEqual([
    expect.stringMatching(/^2 rows of the catalogue name no file, the first: This is no PLATE.*etc/) as string,
  ])
  await expect(fetch('apogee', { catalog: catalog('APOGEE_ID,FIELD\n../x,M13\n2MA,..\n') })).rejects.toMatchObject({
    code: 'archive/bad-identifier',
  })
})

test('listing: lengths when asked for, what is there, and nothing is written', async () => {
  serve('dr17/eboss/spectro/redux/v5_13_2/spectra/lite/3586/spec-3586-55181-0002.fits')
  const selection = { ids: '3586-55181-0002,3586-55181-0003' }
  const listed = await listSurvey('sdss', selection, folder, true, options())
  expect(listed).toEqual([
    {
      url: `${server.url}/mirror/${listed[0]!.target}`,
      target: 'dr17/eboss/spectro/redux/v5_13_2/spectra/lite/3586/spec-3586-55181-0002.fits',
      there: false,
      bytes: 2880,
    },
    { url: expect.any(String) as string, target: expect.stringContaining('0003.fits') as string, there: false },
  ])
  expect(files()).toEqual([])
  await fetch('sdss', { ids: '3586-55181-0002' })
  expect((await listSurvey('sdss', selection, folder, false, options())).map(({ there }) => there)).toEqual([
    true,
    false,
  ])
})

test.each<[FetchArchive, FetchSelection, string, RegExp]>([
  ['apogee', {}, 'fetch/option', /by field, and none is given/],
  ['apogee', { ids: '2MA' }, 'fetch/option', /by field/],
  ['apogee', { ids: '2MA', field: 'a,b' }, 'fetch/option', /one field/],
  ['apogee', { field: 'a', kind: 'apVisit' }, 'fetch/option', /Visits are not chosen by --field/],
  ['apogee', { plate: '1', kind: 'apStar' }, 'fetch/option', /only visits by plate/],
  ['apogee', { plate: '5815', kind: 'apVisit' }, 'fetch/option', /--mjd and --fibers/],
  ['apogee', { field: 'N7789', release: 'dr18' }, 'fetch/option', /dr17, dr16.*Did you mean dr1\d\?/],
  ['apogee', { field: '../../etc', ids: 'passwd' }, 'archive/bad-identifier', /FIELD/],
  ['apogee', { field: 'N7789', ids: '../../../x' }, 'archive/bad-identifier', /APOGEE_ID/],
  ['apogee', { teff: '4000' }, 'fetch/option', /apogee does not use --teff: expected --catalog/],
  ['phoenix', { mH: '1:0' }, 'fetch/option', /--m-h needs a value or a range.*LOW:HIGH/],
  ['sdss', {}, 'fetch/option', /Nothing is selected/],
  ['sdss', { plate: '266', fibers: '1' }, 'fetch/option', /together/],
  ['sdss', { plate: '266', mjd: '51602', fibers: '9-1' }, 'fetch/option', /whole numbers: got 9-1/],
  ['sdss', { plate: '266', mjd: '51602', fibers: '1-999999999' }, 'fetch/option', /whole numbers/],
  ['sdss', { ids: '266' }, 'archive/bad-identifier', /PLATE-MJD-FIBER/],
  ['sdss', { select: 'z > 0', ids: '0266-51602-0001' }, 'fetch/option', /--catalog/],
  ['desi', { ra: '3' }, 'fetch/option', /--ra and --dec/],
  ['desi', { ra: '3', dec: '91' }, 'healpix/position', /dec 91/],
  ['desi', { healpix: '1', survey: 'mian' }, 'fetch/option', /Did you mean main\?/],
  ['desi', { tile: '3' }, 'fetch/option', /--night/],
  ['phoenix', {}, 'fetch/option', /50 GB/],
  ['phoenix', { teff: 'hot' }, 'fetch/option', /--teff needs a number: got hot/],
  ['phoenix', { teff: '1000' }, 'archive/no-nodes', /2300, 2400/],
  ['miles', { product: 'library', ids: '3' }, 'fetch/option', /by itself/],
  ['lamost', {}, 'fetch/option', /OBSID/],
  ['lamost', { release: 'dr12', ids: '3' }, 'fetch/option', /dr11, dr10/],
])('%s %j is told before anything is asked', async (archive, selection, code, message) => {
  await expect(fetch(archive, selection)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message) as string,
  })
  expect(server.asked).toEqual([])
})

test('a mirror that is no address is told', async () => {
  await expect(fetchSurvey('miles', { ids: '1' }, folder, { baseUrl: 'ftp://x' })).rejects.toMatchObject({
    code: 'fetch/option',
  })
})
