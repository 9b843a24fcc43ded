import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chromium } from 'playwright-core'

/** Where Chromium is: CHROMIUM_PATH, or Debian's place; undefined when neither is there. */
export function findChromium(): string | undefined {
  return [process.env['CHROMIUM_PATH'], '/usr/bin/chromium'].find((path) => path !== undefined && existsSync(path))
}

export interface BrowserPage {
  /** Imports one of the served modules in the page, calls its `run` and returns the answer, which must be JSON. */
  run(module: string): Promise<unknown>
  close(): Promise<void>
}

/** Serves the modules on loopback and opens a page there in a headless Chromium. */
export async function openPage(executablePath: string, files: ReadonlyMap<string, string>): Promise<BrowserPage> {
  const server = createServer((request, response) => {
    const name = decodeURIComponent((request.url ?? '/').slice(1))
    const code = name === '' ? '<!doctype html><title>browser check</title>' : files.get(name)
    if (code === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': name === '' ? 'text/html' : 'text/javascript' }).end(code)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const browser = await chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  const page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${port}/`)
  return {
    // A string, because a function would arrive with the imports that vitest rewrote.
    run: (module) => page.evaluate(`import('/${module}').then((entry) => entry.run())`),
    close: async () => {
      await browser.close()
      server.close()
    },
  }
}
