// Reading what surveys publish, from a warm page cache, beside fitsio, astropy and numpy's memmap on the same files. Both
// sides end with native arrays of the same values: a row whose values are not the peer's fails the bench.
import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { openFitsFile } from '@astrolabel/io-fits/node'

const SCRIPT = 'bench1_fits.py'
const ALLSTAR = [
  'RA',
  'DEC',
  'TEFF',
  'TEFF_ERR',
  'LOGG',
  'LOGG_ERR',
  'FE_H',
  'FE_H_ERR',
  'APOGEE_ID',
  'GAIAEDR3_SOURCE_ID',
]
const SPEC = ['flux', 'loglam', 'ivar', 'and_mask']
const FIBERMAP = ['TARGETID', 'TARGET_RA', 'TARGET_DEC']
const ARMS = ['B', 'R', 'Z'].flatMap((arm) => ['WAVELENGTH', 'FLUX', 'IVAR', 'MASK'].map((kind) => `${arm}_${kind}`))
const APSTAR_PIXELS = 8575

/** Seconds of the fastest of several reads, and what it gave. The first ones compile. */
async function fastest(read, repeats) {
  let best = Infinity
  let result
  for (let i = 0; i < repeats; i++) {
    const start = performance.now()
    result = await read()
    best = Math.min(best, (performance.now() - start) / 1000)
  }
  return { best, result }
}

/** What the peers' scripts call a digest: the first 16 digits of SHA-256 of the bytes. */
function digest(values) {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16)
}

async function row(peers, { name, peer, kind, probe, read, peerName, repeats = 9, detail }) {
  if (!peers.generate('gen_fits.py', kind, probe)) return undefined
  const { best, result } = await fastest(read, repeats)
  const report = peers.run(SCRIPT, peer)
  const compared = Object.entries(report?.digest ?? {}).filter(([key]) => result[key] !== undefined)
  for (const [key, theirs] of compared) {
    const ours = digest(result[key])
    if (ours !== theirs) throw new Error(`${name}: ${key} is ${ours}, ${peerName} has ${theirs}`)
  }
  const same = report === null ? '' : `; ${compared.length} arrays the same byte for byte`
  return { name, ours_s: best, peer: peerName, peer_s: report?.seconds ?? null, detail: `${detail}${same}` }
}

async function readAllStar(path, strings) {
  const file = await openFitsFile(path)
  const table = await file.table(1).read({ columns: ALLSTAR, strings })
  await file.close()
  // Strings are made when they are asked for.
  if (table.column('APOGEE_ID').values.length === 0) throw new Error('no strings')
  // Strings are of another form with each of the peers.
  const numbers = ALLSTAR.filter((name) => name !== 'APOGEE_ID')
  return Object.fromEntries(numbers.map((name) => [name, table.column(name).values]))
}

async function readApStars(paths, options) {
  const size = paths.length * APSTAR_PIXELS
  const found = {
    flux: new Float32Array(size),
    err: new Float32Array(size),
    mask: new Int16Array(size),
    wcs: new Float64Array(2 * paths.length),
  }
  for (const [i, path] of paths.entries()) {
    const file = await openFitsFile(path, options)
    for (const [j, key] of ['flux', 'err', 'mask'].entries()) {
      const hdu = file.image(j + 1)
      const { data } = await hdu.read(hdu.shape.length === 1 ? {} : { rows: [0, 1] })
      found[key].set(data, i * APSTAR_PIXELS)
    }
    const { header } = file.hdu(1)
    found.wcs.set([header.getNumber('CRVAL1'), header.getNumber('CDELT1')], 2 * i)
    await file.close()
  }
  return found
}

async function readSpecs(paths, options) {
  const tables = []
  for (const path of paths) {
    const file = await openFitsFile(path, options)
    tables.push(await file.table(1).read({ columns: SPEC }))
    await file.close()
  }
  return Object.fromEntries(SPEC.map((name) => [name, join(tables.map((table) => table.column(name).values))]))
}

function join(arrays) {
  const whole = new arrays[0].constructor(arrays.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const array of arrays) {
    whole.set(array, at)
    at += array.length
  }
  return whole
}

async function readCoadd(path) {
  const file = await openFitsFile(path)
  const found = {}
  for (const name of ARMS) found[name] = (await file.image(name).read()).data
  const table = await file.table('FIBERMAP').read({ columns: FIBERMAP })
  await file.close()
  for (const name of FIBERMAP) found[name] = table.column(name).values
  return found
}

async function readImage(path, hdu) {
  const file = await openFitsFile(path)
  const { data } = await file.image(hdu).read()
  await file.close()
  return { img: data }
}

/** `pnpm bench io-fits`: one row for each kind of file and peer. */
export async function rows({ peers }) {
  const path = (...parts) => peers.inputPath(...parts)
  const all = (folder) =>
    readdirSync(path(folder))
      .sort()
      .map((name) => path(folder, name))
  const allStar = { kind: 'allstar', probe: 'allStar.fits' }
  const apStar = { kind: 'apstar', probe: 'apstar/apStar-0499.fits', peer: 'apstar_fitsio', peerName: 'fitsio' }
  const spec = { kind: 'sdss', probe: 'sdss/spec-0499.fits', peer: 'sdss_astropy', peerName: 'astropy' }
  const image = (tag, file, hdu, detail) => ({
    name: `io-fits read ${tag}`,
    kind: 'comp',
    probe: 'img_f32.gzip2.fits',
    peer: `${tag}_fitsio`,
    peerName: 'fitsio',
    read: () => readImage(path(file), hdu),
    repeats: 4,
    detail: `4096 x 4096, ${detail}`,
  })
  const cases = [
    {
      ...allStar,
      name: 'io-fits read allStar',
      peer: 'allstar_fitsio',
      peerName: 'fitsio',
      read: () => readAllStar(path('allStar.fits'), 'text'),
      detail: '733 901 rows, 10 of 34 columns, APOGEE_ID as strings (both)',
    },
    {
      ...allStar,
      name: 'io-fits read allStar, strings as bytes',
      peer: 'allstar_floor',
      peerName: 'numpy memmap, strided copies',
      read: () => readAllStar(path('allStar.fits'), 'utf8'),
      detail: '733 901 rows, 10 of 34 columns, APOGEE_ID as bytes (both)',
    },
    {
      ...apStar,
      name: 'io-fits read 500 apStar',
      read: () => readApStars(all('apstar')),
      detail: 'FLUX, ERR, MASK of the first row, CRVAL1, CDELT1; every header read',
    },
    {
      ...apStar,
      name: 'io-fits read 500 apStar, four HDUs opened',
      read: () => readApStars(all('apstar'), { hdus: 4 }),
      detail: 'the same with the option hdus: 4',
    },
    {
      ...spec,
      name: 'io-fits read 500 SDSS spec',
      read: () => readSpecs(all('sdss')),
      detail: `${SPEC.join(', ')}; every header read`,
    },
    {
      ...spec,
      name: 'io-fits read 500 SDSS spec, two HDUs opened',
      read: () => readSpecs(all('sdss'), { hdus: 2 }),
      detail: 'the same with the option hdus: 2',
    },
    {
      name: 'io-fits read DESI coadd',
      kind: 'desi',
      probe: 'coadd-desi.fits',
      peer: 'desi_fitsio',
      peerName: 'fitsio',
      read: () => readCoadd(path('coadd-desi.fits')),
      repeats: 15,
      detail: '500 fibres, 3 arms: WAVELENGTH, FLUX, IVAR, MASK (RICE), 3 columns of FIBERMAP',
    },
    image('img_i16', 'img_i16.fits', 0, 'int16'),
    image('img_i16_gz', 'img_i16.fits.gz', 0, 'int16, .gz'),
    image('img_i16_rice', 'img_i16.rice.fits', 1, 'int16, RICE_1'),
    image('img_f32_rice', 'img_f32.rice.fits', 1, 'float32, RICE_1, dithered'),
    image('img_f32_gzip2', 'img_f32.gzip2.fits', 1, 'float32, GZIP_2'),
  ]
  const measured = []
  for (const one of cases) {
    const made = await row(peers, one)
    if (made !== undefined) measured.push(made)
  }
  return measured
}
