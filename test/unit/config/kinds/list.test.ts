import { names, strings } from '../../../../src/config/kinds/list.ts'
import { accepts, refuses } from './kind-cases.ts'

accepts('a list', strings, [
  ['', []],
  ['a', ['a']],
  ['a,b', ['a', 'b']],
  ['a, b', ['a', ' b']],
  [
    ['a,b', 'c'],
    ['a,b', 'c'],
  ],
  [[], []],
  [
    [1n, true],
    ['1', 'true'],
  ],
  [7n, ['7']],
])

accepts('a list of names', names, [[['admins'], ['admins']]])
refuses('a list of names', names, [
  [['admins', ''], /^entry 2 is empty$/],
  [[' '], /^is empty$/],
  ['a,,b,', /^entry 2 is empty\nentry 4 is empty$/],
])
