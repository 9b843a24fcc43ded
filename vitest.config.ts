import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'tooling/*/test/**/*.test.ts'],
    globalSetup: ['tooling/scripts/tell-absent.mjs'],
    setupFiles: ['tooling/scripts/seed-properties.mjs'],
    testTimeout: 60_000,
    pool: 'forks',
    // What is built is run as Node runs it, not transformed once more.
    server: { deps: { external: [/\/(?:packages|apps|tooling)\/[^/]+\/dist\//] } },
  },
})
