import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFitsFile } from '@astrolabel/io-fits/node'

const DATA = join(process.env.ASTROLABEL_PEERS ?? join(tmpdir(), 'astrolabel-peers'), 'data')
const REPEATS = 5

/** Tile-compressed images of 4096 × 4096 pixels, a row a tile, from open to values in memory. */
const IMAGES = [
  ['img_i16.rice.fits', 'img_i16_rice_fitsio', 'RICE_1, 16-bit integers'],
  ['img_f32.rice.fits', 'img_f32_rice_fitsio', 'RICE_1, quantized floats with dither'],
  ['img_f32.gzip2.fits', 'img_f32_gzip2_fitsio', 'GZIP_2, exact floats'],
]

export async function rows({ peers }) {
  if (!peers.generate('gen_fits.py', 'comp', 'img_f32.gzip2.fits')) return []
  const measured = []
  for (const [file, peer, detail] of IMAGES) {
    const ours_s = await bestOf(() => readImage(join(DATA, file)))
    const peer_s = peers.run('bench1_fits.py', peer)?.seconds ?? null
    measured.push({ name: `fits image ${detail}`, ours_s, peer: 'fitsio', peer_s, detail: '4096 × 4096, warm cache' })
  }
  return measured
}

async function readImage(path) {
  const file = await openFitsFile(path)
  try {
    return await file.image(1).read()
  } finally {
    await file.close()
  }
}

async function bestOf(run) {
  let best = Infinity
  for (let i = 0; i < REPEATS; i++) {
    const start = performance.now()
    await run()
    best = Math.min(best, (performance.now() - start) / 1000)
  }
  return best
}
