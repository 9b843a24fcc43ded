import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Write a file aside and give it its name when it is whole: nobody ever sees half of it. */
export async function writeAside(path: string, content: string | Uint8Array): Promise<void> {
  const aside = `${path}.${process.pid}.part`
  await mkdir(dirname(path), { recursive: true })
  try {
    await writeFile(aside, content)
    await rename(aside, path)
  } finally {
    await rm(aside, { force: true })
  }
}
