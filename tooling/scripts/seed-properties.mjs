// Set up for vitest: properties draw their examples from one seed, so that a run says the same twice on every machine.
// PROPERTY_SEED=N looks for counterexamples elsewhere.
import fc from 'fast-check'

fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 20261122) })
