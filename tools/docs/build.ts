// `npm run docs`: the site of docs/, in site/.
import { findComponent } from '../../test/support/components.ts'
import { installComponents } from '../../test/support/install-components.ts'
import { buildSite } from './build-site.ts'

if (findComponent('zensical') === undefined) installComponents(['zensical'])
const zensical = findComponent('zensical')
if (zensical === undefined) throw new Error('zensical is not installed, and pip cannot install it')
const { ok, output } = buildSite({ zensical, target: 'site' })
console.log(output)
console.log(ok ? 'site/index.html' : 'not built: see the warnings')
process.exitCode = ok ? 0 : 1
