import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'tooling/*/test/**/*.test.ts'],
    globalSetup: ['tooling/scripts/tell-absent.mjs'],
    setupFiles: ['tooling/scripts/seed-properties.mjs', 'tooling/scripts/compare-arrays.mjs'],
    testTimeout: 60_000,
    pool: 'forks',
    // Beside a busy neighbour a hook that runs commands takes longer than the 10 s that hooks have.
    hookTimeout: 60_000,
    // On two processors vitest would use one.
    maxWorkers: '100%',
    // What is built is run as Node runs it, not transformed once more.
    server: { deps: { external: [/\/(?:packages|apps|tooling)\/[^/]+\/dist\//] } },
  },
})
