// Runs one command after another in one process, which saves loading some 800 modules for each: `main.js` is evaluated anew
// every time, what it imports is not. Stdout and stderr are held back and sent with the exit code.
const main = new URL('../dist/main.js', import.meta.url).href

process.on('message', (message) => void run(message))

async function run({ id, args }) {
  const said = { stdout: '', stderr: '' }
  const written = {}
  for (const stream of ['stdout', 'stderr']) {
    written[stream] = process[stream].write
    process[stream].write = (chunk) => {
      said[stream] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
      return true
    }
  }
  process.argv = [process.execPath, main, ...args]
  process.exitCode = undefined
  await import(`${main}?run=${id}`)
  for (const stream of ['stdout', 'stderr']) process[stream].write = written[stream]
  const code = process.exitCode ?? 0
  process.exitCode = undefined
  process.send({ id, code, ...said })
}
