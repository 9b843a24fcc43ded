import { rows } from './packages/preprocess/bench/velocities.bench.mjs'
import { bestSeconds } from './tooling/scripts/python-peers.mjs'
console.log(rows({bestSeconds}))
