import { test } from 'vitest'
import { readdirSync, statSync } from 'node:fs'
import { openFitsFile } from '@astrolabel/io-fits/node'
import { askAstropy, differences } from './astropy.js'
const root='/work/shared/data/'
const files:string[]=[]
const walk=(d:string,n:number)=>{let k=0;for(const f of readdirSync(d)){const p=d+'/'+f;if(statSync(p).isDirectory())walk(p,n);else if(k++<n)files.push(p)}}
for(const [d,n] of [['fits-conformance',99],['desi',99],['lamost',99],['sdss',99],['apogee',8]] as const) walk(root+d,n)
walk(root+'miles',5)
test('x', async () => {
  const o = askAstropy(files)
  for (const f of files) {
    try { const t=performance.now(); const file = await openFitsFile(f)
      const dt=performance.now()-t
      const d = await differences(file, o[f]!)
      console.log(f.replace(root,''), dt.toFixed(2)+'ms', file.hdus.length, d.length, file.warnings.join('|'))
      for (const l of d.slice(0,6)) console.log('    ', l.slice(0,400))
      await file.close()
    } catch (e) { console.log(f, 'ERR', String(e)) }
  }
})
