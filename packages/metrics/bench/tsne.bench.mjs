// t-SNE of 2000 spectra's 100 principal components against scikit-learn's with two jobs; ours on one thread. How good both
// maps are is told by the same functions, ours, whose answers are scikit-learn's own (test/embedding.test.ts).
import { existsSync } from 'node:fs'
import { mapDivergence, trustworthiness, tsne } from '@astrolabel/metrics'

const [N, WIDTH, NEIGHBOURS] = [2000, 100, 12]

export function rows({ peers, bestSeconds }) {
  const name = `t-SNE, ${N} × ${WIDTH}`
  const peer = 'scikit-learn, 2 jobs'
  if (!peers.generate('gen_spec.py', 'ml', 'ml_X.npy'))
    return [{ name, ours_s: null, peer, peer_s: null, detail: 'peer absent' }]
  // The stages write the components; they are made once.
  if (!existsSync(peers.inputPath('tsne_X.npy'))) peers.run('bench4_ml.py', 'stages', 2)
  const data = { n: N, width: WIDTH, values: peers.readNpy('data', 'tsne_X') }
  const quality = (map) => {
    const trust = trustworthiness(data, { n: N, width: 2, values: map }, NEIGHBOURS)
    return `divergence ${mapDivergence(data, map).toFixed(4)}, trustworthiness(${NEIGHBOURS}) ${trust.toFixed(4)}`
  }
  const { best, result } = bestSeconds(() => tsne(data), 3)
  const theirs = peers.run('bench4_ml.py', 'tsne', 2)
  return [
    {
      name,
      ours_s: best,
      peer,
      peer_s: theirs?.seconds ?? null,
      detail: `one thread; ${quality(result.map)}; theirs ${theirs === null ? 'absent' : quality(Float64Array.from(peers.readNpy('out', 'tsne.emb')))}`,
    },
  ]
}
