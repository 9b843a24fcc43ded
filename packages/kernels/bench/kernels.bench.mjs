// Each kernel against the same work in plain TypeScript (test/reference), on sizes that training and preprocessing have.
import {
  choleskyInversePacked,
  choleskySolvePacked,
  gemmF32,
  gemmF32F64,
  gemmF64,
  interpLinear,
  resampleRows,
  runningMedian,
  syrkF64,
} from '../dist/index.js'
import * as cholesky from '../test/reference/cholesky.mjs'
import { gemm, syrk } from '../test/reference/gemm.mjs'
import * as interp from '../test/reference/interp-linear.mjs'
import { randomArray, randomPositiveDefinite } from '../test/reference/random.mjs'
import * as median from '../test/reference/running-median.mjs'
import * as resample from '../test/reference/resample-rows.mjs'

/** Least seconds of a few runs, at least one more than the first: the first one compiles. */
function seconds(work, runs) {
  let least = Infinity
  for (let run = 0; run < runs; run++) {
    const start = performance.now()
    work()
    least = Math.min(least, performance.now() - start)
  }
  return least / 1000
}

function row(name, detail, ours, peer, ourRuns = 5) {
  const ours_s = seconds(ours, ourRuns)
  const peer_s = seconds(peer, 2)
  return { name, ours_s, peer: 'plain TypeScript reference', peer_s, detail: detail(ours_s) }
}

function productRow(name, run, TypeA, Type, m, n, k, options) {
  const a = randomArray(TypeA, m * k, 1)
  const b = randomArray(Type, k * n, 2)
  const c = new Type(m * n)
  const shape = `${m} x ${n} x ${k}${options.transA ? ', A stored k x m' : ''}`
  const detail = (s) => `${shape}: ${((2e-9 * m * n * k) / s).toFixed(1)} GFLOP/s`
  return row(
    name,
    detail,
    () => run(m, n, k, a, b, c, options),
    () => gemm(m, n, k, a, b, c, options),
  )
}

function symmetricRow() {
  const [n, k] = [231, 2000]
  const a = randomArray(Float64Array, k * n, 3)
  const c = new Float64Array(n * n)
  return row(
    'kernels syrkF64',
    () => `${n} x ${n} x ${k}`,
    () => syrkF64(n, k, a, c),
    () => syrk(n, k, a, c),
  )
}

function choleskyRows() {
  const [batch, t] = [7214, 21]
  const packed = randomPositiveDefinite(batch, t, 4)
  const rhs = randomArray(Float64Array, batch * t, 5)
  const out = new Float64Array(batch * t)
  const inverse = new Float64Array(packed.length)
  const detail = (s) => `${batch} systems of order ${t}: ${((1e6 * s) / batch).toFixed(2)} us each`
  return [
    row(
      'kernels choleskySolvePacked',
      detail,
      () => choleskySolvePacked(batch, t, packed, rhs, out),
      () => cholesky.choleskySolvePacked(batch, t, packed, rhs, out),
    ),
    row(
      'kernels choleskyInversePacked',
      detail,
      () => choleskyInversePacked(batch, t, packed, inverse),
      () => cholesky.choleskyInversePacked(batch, t, packed, inverse),
    ),
  ]
}

function medianRow() {
  const [nStar, nPix, window] = [50, 7781, 151]
  const x = randomArray(Float32Array, nStar * nPix, 6)
  const out = new Float32Array(x.length)
  return row(
    'kernels runningMedian',
    (s) => `${nStar} x ${nPix}, window ${window}: ${((1e3 * s) / nStar).toFixed(3)} ms a row`,
    () => runningMedian(nStar, nPix, x, window, out),
    () => median.runningMedian(nStar, nPix, x, window, out),
  )
}

function interpRow() {
  const nPix = 7781
  const x = Float64Array.from({ length: nPix }, (_, i) => 3600 + 0.8 * i)
  const xNew = x.map((value) => value * 1.0001)
  const y = randomArray(Float32Array, nPix, 7)
  const out = new Float32Array(nPix)
  const repeat = (work) => () => {
    for (let i = 0; i < 100; i++) work(xNew, x, y, out)
  }
  return row(
    'kernels interpLinear',
    (s) => `100 x ${nPix} ordered points: ${((1e3 * s) / 100).toFixed(3)} ms a row`,
    repeat(interpLinear),
    repeat(interp.interpLinear),
  )
}

function resampleRow() {
  const [nStar, nPix] = [100, 8575]
  const wave = Float64Array.from({ length: nPix }, (_, i) => 10 ** (4.179 + 6e-6 * i))
  const flux = randomArray(Float32Array, nStar * nPix, 8)
  const ivar = flux.map((value) => 1 + Math.abs(value))
  const factors = randomArray(Float64Array, nStar, 9).map((value) => 1 + 3e-4 * value)
  const [fluxOut, ivarOut] = [new Float32Array(flux.length), new Float32Array(flux.length)]
  return row(
    'kernels resampleRows',
    (s) => `${nStar} x ${nPix}, flux and ivar: ${((1e3 * s) / nStar).toFixed(3)} ms a row`,
    () => resampleRows(nStar, wave, flux, ivar, factors, wave, fluxOut, ivarOut),
    () => resample.resampleRows(nStar, wave, flux, ivar, factors, wave, fluxOut, ivarOut),
  )
}

/** One row a kernel, one thread: seconds of ours and of the peer, and how many times faster ours is. */
export async function rows() {
  return [
    productRow('kernels gemmF32', gemmF32, Float32Array, Float32Array, 2400, 231, 1000, { transA: true }),
    productRow('kernels gemmF64', gemmF64, Float64Array, Float64Array, 2400, 231, 1000, { transA: true }),
    productRow('kernels gemmF32F64', gemmF32F64, Float32Array, Float64Array, 300, 231, 7214, {}),
    symmetricRow(),
    ...choleskyRows(),
    medianRow(),
    interpRow(),
    resampleRow(),
  ]
}
